# What is wrong with a JSON document by a JSON Schema, a line each; as far as docs/inspect_schema.json
# goes: $ref within the file, anyOf, type, enum, pattern, properties, required,
# additionalProperties, items.
#
#     jq -r --slurpfile schema SCHEMA -L tests/support \
#       'include "schema"; errors({"$ref": "#/$defs/list"}; $schema[0]; "")' DOCUMENT

def resolve($root):
  if has("$ref") then . as $own | $root | getpath($own."$ref" | ltrimstr("#/") | split("/")) else . end;

def is_a($wanted):
  if $wanted == "integer" then type == "number" and . == floor else type == $wanted end;

def errors($schema; $root; $at):
  . as $value
  | ($schema | resolve($root)) as $s
  | (select($s | has("anyOf"))
     | select(any($s.anyOf[]; . as $one | [$value | errors($one; $root; $at)] == []) | not)
     | "\($at): fits none of the choices"),
    (select($s | has("type"))
     | select(any([$s.type] | flatten[]; . as $wanted | $value | is_a($wanted)) | not)
     | "\($at): found \($value), expected \($s.type)"),
    (select($s | has("enum")) | select(any($s.enum[]; . == $value) | not)
     | "\($at): found \($value), expected one of \($s.enum)"),
    (select(($s | has("pattern")) and type == "string") | select(test($s.pattern) | not)
     | "\($at): found \($value), expected \($s.pattern)"),
    (select(type == "object")
     | (($s.required // [])[] | select(. as $key | $value | has($key) | not) | "\($at).\(.): missing"),
       (keys[] as $key
        | (($s.properties // {})[$key] // $s.additionalProperties) as $below
        | if $below == false then "\($at).\($key): not in the schema"
          elif $below == null then empty
          else .[$key] | errors($below; $root; "\($at).\($key)") end)),
    (select(type == "array" and ($s | has("items")))
     | range(length) as $i | .[$i] | errors($s.items; $root; "\($at)[\($i)]"));
