# A JSON Schema as the Markdown of a page: a section for each definition with properties, a row for
# each of them. jq -r -f tests/support/schema_table.jq docs/inspect_schema.json

def type_text:
  if has("enum") then .enum | join(", ")
  elif has("$ref") then ."$ref" | ltrimstr("#/$defs/")
  elif has("anyOf") then [.anyOf[] | type_text] | join(" or ")
  elif .type == "array" then "array of \(.items | type_text)"
  else [.type] | flatten | join(" or ") end;

."$defs" | to_entries[] | select(.value | has("properties"))
| "\n### \(.key)\n",
  (.value.description // empty | if startswith("lockstep") then "`\(.)`\n" else "\(.)\n" end),
  "| key | type | meaning |\n| --- | --- | --- |",
  (.value.properties | to_entries[]
   | "| `\(.key)` | \(.value | type_text) | \(.value.description | gsub("\\|"; "\\|")) |")
