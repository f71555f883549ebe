#!/usr/bin/env python3
"""Opens reports in Chromium: nothing on the console, every picture there, nothing wider than the
page, drawn soon; on a desktop, on a phone, in the dark, and on paper.

usage: tests/interop/test_report.py LOCKSTEP_BINARY [--screenshots FOLDER]
       tests/interop/test_report.py --page REPORT.html [--screenshots FOLDER]

Stands alone: needs Python's own library and Chromium, and skips where there is no Chromium. The
first form trains digits, and mnist_512 where MNIST names the folder of its files.
"""

import argparse
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
VIEWS = {  # width and height of the window, dots per pixel, colours
    "desktop": (1280, 900, 1, "light"),
    "dark": (1280, 900, 1, "dark"),
    "phone": (390, 844, 1, "light"),
    "phone_dark": (390, 844, 1, "dark"),
}
LONGEST_S = 2
LARGEST_BYTES = 3 << 20

# What is wrong on the page as it stands: a list of sentences.
INSPECT = """(() => {
  const wrong = [];
  document.querySelectorAll('details').forEach(details => details.open = true);
  const wide = document.documentElement.scrollWidth;
  if (wide > window.innerWidth) wrong.push(`the page is ${wide} wide`);
  for (const picture of document.querySelectorAll('img, svg')) {
    const box = picture.getBoundingClientRect();
    const name = picture.alt || picture.getAttribute('aria-label');
    if (!name) wrong.push('a picture says nothing to those who cannot see it');
    if (picture.tagName == 'IMG' && !(picture.complete && picture.naturalWidth)) {
      wrong.push(`${name}: no picture`);
    }
    if (box.width < 8 || box.height < 8) wrong.push(`${name}: ${box.width} x ${box.height}`);
  }
  const words = document.querySelectorAll('main p, main dd, main summary, figcaption');
  for (const element of words) {
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (size < 11) wrong.push(`letters of ${size} pixels: ${element.textContent}`);
  }
  document.querySelectorAll('details').forEach(details => details.open = false);
  return wrong;
})()"""

FOREIGN = """Array.from(document.querySelectorAll('script, link, iframe, object'))
  .map(e => e.outerHTML)
  .concat(Array.from(document.querySelectorAll('[src], [href]'))
    .map(e => e.getAttribute('src') || e.getAttribute('href'))
    .filter(address => !address.startsWith('data:') && !address.startsWith('#')))"""


class Chromium:
    """A browser without a window that takes DevTools commands through a pipe."""

    def __init__(self, program, folder):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()

        def place_pipes():
            # The browser reads commands from descriptor 3 and answers on 4.
            reading, writing = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"],
            preexec_fn=place_pipes, close_fds=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader = os.fdopen(ours_in, "rb", buffering=0)
        self.writer = os.fdopen(ours_out, "wb", buffering=0)
        self.buffer, self.count, self.session, self.events = b"", 0, None, []

    def close(self):
        try:
            self.call("Browser.close")
        except EOFError:
            pass
        self.process.wait(timeout=20)

    def receive(self):
        while b"\0" not in self.buffer:
            piece = self.reader.read(1 << 16)
            if not piece:
                raise EOFError("chromium has gone")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") != self.count:
                self.events.append(answer)
            elif "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def open_page(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def show(self, address, view):
        width, height, dots, colours = view
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=dots, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": colours}])
        self.events.clear()
        begin = time.monotonic()
        self.call("Page.navigate", url=address)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.receive())
        # Two frames later the page has been painted.
        frame = "new Promise(requestAnimationFrame)"
        self.evaluate(f"{frame}.then(() => {frame})")
        return time.monotonic() - begin

    def evaluate(self, script):
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True,
                           returnByValue=True)
        return answer["result"].get("value")

    def complaints(self):
        """What the page said on the console, and what it asked the network for."""
        found = []
        for event in self.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.consoleAPICalled":
                found.append(f"console: {parameters['args']}")
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(f"exception: {parameters['exceptionDetails']['text']}")
            if event.get("method") == "Page.javascriptDialogOpening":
                found.append(f"dialog: {parameters['message']}")
            if event.get("method") == "Log.entryAdded":
                found.append(f"log: {parameters['entry']['text']}")
            if event.get("method") == "Network.requestWillBeSent":
                address = parameters["request"]["url"]
                if not address.startswith(("data:", "file:")):
                    found.append(f"asks for {address}")
        return found

    def screenshot(self, path):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        picture = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(picture["data"]))

    def print_page(self):
        return base64.b64decode(self.call("Page.printToPDF", printBackground=False)["data"])


class Checks:
    def __init__(self):
        self.failed = 0

    def check(self, name, wrong):
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} - {name}")
        for line in wrong[:20]:
            print(f"#   {line}")


def check_page(browser, page, checks, screenshots):
    name, address, size = page.parent.name, page.resolve().as_uri(), page.stat().st_size
    checks.check(f"{name}: the page has {size:,} bytes",
                 [f"expected at most {LARGEST_BYTES:,}"] if size > LARGEST_BYTES else [])
    for view_name, view in VIEWS.items():
        seconds = browser.show(address, view)
        late = [f"expected at most {LONGEST_S} s"] if seconds > LONGEST_S else []
        checks.check(f"{name}, {view_name}: drawn after {seconds:.2f} s", late)
        checks.check(f"{name}, {view_name}: every picture has a size, nothing is too wide",
                     browser.evaluate(INSPECT))
        checks.check(f"{name}, {view_name}: nothing on the console, nothing from the network",
                     browser.complaints())
        if screenshots:
            browser.screenshot(screenshots / f"{view_name}.png")
    checks.check(f"{name}: no script, nothing foreign", browser.evaluate(FOREIGN))

    paper = browser.print_page()
    checks.check(f"{name}: a PDF of {len(paper):,} bytes",
                 [] if paper.startswith(b"%PDF") else ["it is none"])
    if screenshots:
        (screenshots / "paper.pdf").write_bytes(paper)


def make_pages(lockstep, folder):
    """Pages of runs, among them one whose name is markup, and of all of them side by side."""
    configurations = {"digits": "digits", "<img src=x onerror=alert(1)>": "digits_parity"}
    if "MNIST" in os.environ:
        configurations["mnist_512"] = "mnist_512"
    runs = [folder / name for name in configurations]
    for run, configuration in zip(runs, configurations.values()):
        words = ["train", f"configs/{configuration}.yaml", "--quiet", "--out", run]
        subprocess.run([lockstep, *words], check=True, timeout=300)
        subprocess.run([lockstep, "report", run], check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
    together = folder / "together" / "report.html"
    together.parent.mkdir()
    subprocess.run([lockstep, "report", *runs, "--output", together], check=True, timeout=60,
                   stdout=subprocess.DEVNULL)
    return [run / "report.html" for run in runs] + [together]


def check_pages(browser, pages, screenshots):
    checks = Checks()
    browser.open_page()
    browser.show(pages[0].resolve().as_uri(), VIEWS["desktop"])  # the browser itself warms up
    for page in pages:
        shots = screenshots / page.parent.name if screenshots else None
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
        check_page(browser, page, checks, shots)
    return checks.failed == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("lockstep", nargs="?", type=pathlib.Path, metavar="LOCKSTEP_BINARY")
    parser.add_argument("--page", type=pathlib.Path, metavar="REPORT.html")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="FOLDER")
    words = parser.parse_args()
    if bool(words.lockstep) == bool(words.page):
        parser.error("expected the program, or a page")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        print("ok - reports in a browser # SKIP no chromium here")
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        pages = [words.page] if words.page else make_pages(words.lockstep.resolve(), folder)
        browser = Chromium(program, folder / "profile")
        try:
            return 0 if check_pages(browser, pages, words.screenshots) else 1
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
