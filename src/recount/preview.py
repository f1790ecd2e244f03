"""The live preview: serves the draft on loopback, builds what a save affects, and tells the open pages.

Pages are told over server-sent events; their script is `assets/live.js`, added to each page as it is served, so the
files themselves stay as a build wrote them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

from recount.problems import Problem, shown
from recount.progress import Progress
from recount.typesetting import Layout, Typesetting
from recount.warm import OWN, Warm
from recount.watch import Watch

FOLDER = ".recount/preview"
STEP = 0.1
"""Seconds between two looks at the files."""
WAITING = 60.0
"""Seconds that whoever asks for the PDF waits for one on its way."""

_SCRIPT = '<script src="/.preview/live.js"></script>'
_EMPTY = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Preview</title>{script}</head>'
    "<body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
)
_LOCAL = ("127.0.0.1", "localhost")


class State:
    """What the pages are told: whether a build runs, what is wrong, also with the PDF, which verdicts would change."""

    def __init__(self) -> None:
        """Nothing was built yet."""
        self._changed = threading.Condition()
        self._number = 0
        self._files: Mapping[str, str] = {}
        self._now: dict[str, Any] = {
            "state": "building",
            "version": 0,
            "builds": 0,
            "problems": [],
            "verdicts": [],
            "changed": [],
            "saved": [],
            "paper": {"set": 0, "problems": []},
        }

    def tell(self, **now: Any) -> None:  # noqa: ANN401 - parts of the state, as JSON
        """Change parts of the state and wake whoever waits for it."""
        with self._changed:
            self._now = {**self._now, **now}
            self._number += 1
            self._changed.notify_all()

    def built(self, files: Mapping[str, str], verdicts: Sequence[Mapping[str, str]]) -> list[str]:
        """Tell of a build that went well; returns the files of the site that are new."""
        changed = sorted(path for path in files.keys() | self._files.keys() if files.get(path) != self._files.get(path))
        self._files = dict(files)
        version = self._now["version"] + (1 if changed else 0)
        self.tell(
            state="ready",
            problems=[],
            verdicts=list(verdicts),
            changed=changed,
            version=version,
            builds=self._now["builds"] + 1,
        )
        return changed

    def paper(self, problems: Sequence[Problem]) -> None:
        """Tell that the PDF was set once more, or why it could not be."""
        self.tell(paper={"set": self._now["paper"]["set"] + (not problems), "problems": shown(problems)})

    def after(self, number: int, timeout: float) -> tuple[int, dict[str, Any]]:
        """The number and content of the first state after NUMBER, or of the same one when the time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, timeout)
            return self._number, dict(self._now)


class Handler(SimpleHTTPRequestHandler):
    """Serves the draft, with the script added to its pages, and the events."""

    protocol_version = "HTTP/1.1"
    state: State
    typesetting: Typesetting

    def __init__(self, *arguments: Any, state: State, typesetting: Typesetting, **named: Any) -> None:  # noqa: ANN401 - as its parent has it
        """Serve with STATE and what TYPESETTING makes."""
        self.state, self.typesetting = state, typesetting
        super().__init__(*arguments, **named)

    def do_GET(self) -> None:
        """Answer one request."""
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        if host not in _LOCAL:
            # A page elsewhere whose name points here must not read a draft.
            self.send_error(HTTPStatus.FORBIDDEN, "the preview is for this machine only")
        elif self.path == "/.preview/events":
            self._events()
        elif self.path == "/.preview/live.js":
            self._send((files("recount") / "assets" / "live.js").read_bytes(), "text/javascript; charset=utf-8")
        elif self.path.partition("?")[0].endswith(("/", ".html")):
            self._page()
        elif self.path.partition("?")[0].strip("/") == self.typesetting.name:
            self._paper()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        """Never let a browser keep what the next save makes old."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""

    def _page(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        try:
            text = path.read_text(encoding="utf-8")
        except OSError:
            waiting = self.state.after(-1, 0)[1]["version"] == 0
            title, told = ("Building", "The first build is on its way.") if waiting else ("No such page", "")
            text = _EMPTY.format(script=_SCRIPT, title=title, text=told)
            self._send(text.encode(), "text/html; charset=utf-8", HTTPStatus.OK if waiting else HTTPStatus.NOT_FOUND)
            return
        # Before every other script of the page: it keeps account of who listens to what.
        self._send(text.replace("<head>", f"<head>{_SCRIPT}", 1).encode(), "text/html; charset=utf-8")

    def _paper(self) -> None:
        pdf = self.typesetting.pdf(WAITING)
        if pdf is None:
            self.send_error(HTTPStatus.NOT_FOUND, "no PDF could be set yet; the preview says why")
        else:
            self._send(pdf, "application/pdf")

    def _send(self, content: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _events(self) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        number = -1
        try:
            while True:
                before = number
                number, now = self.state.after(number, 15)
                said = ": still here\n\n" if number == before else f"data: {json.dumps(now, ensure_ascii=False)}\n\n"
                self.wfile.write(said.encode())
                self.wfile.flush()
        except OSError:
            return  # the page was closed


class _Server(ThreadingHTTPServer):
    daemon_threads = True


def serve(root: Path, state: State, typesetting: Typesetting, port: int = 0) -> ThreadingHTTPServer:
    """A server on loopback, at PORT or at a free one, already answering in a thread of its own."""
    handler = partial(Handler, state=state, typesetting=typesetting, directory=str(root / FOLDER))
    server = _Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Preview:
    """Builds after each save, until told to stop."""

    def __init__(self, root: Path, state: State, progress: Progress) -> None:
        """For the project in ROOT."""
        self.root, self.state, self.progress = root, state, progress
        self.typesetting = Typesetting(self._tell_paper)
        self.watch = Watch(root)
        self._waiting: list[str] = []
        self._end = threading.Event()

    def stop(self) -> None:
        """End after what is being done now."""
        self._end.set()

    def run(self) -> None:
        """Build, then build again after every save, until `stop`."""
        while not self._end.is_set():
            with Warm(self.root) as warm:
                again = self._while_warm(warm)
            if not again:
                return
            self.progress.line("the preview's own modules changed: started anew")

    def _while_warm(self, warm: Warm) -> bool:
        """Build with WARM; returns whether to go on with a new one."""
        saved: list[str] = []
        while not self._end.is_set():
            if any(self._outdates(path) for path in saved):
                return True
            self._build(warm, saved)
            saved = self._next_save()
        return False

    def _next_save(self) -> list[str]:
        while not self._end.is_set():
            saved = self._waiting or self.watch.changed()
            if saved:
                self._waiting = []
                return saved
            time.sleep(STEP)
        return []

    def _outdates(self, path: str) -> bool:
        return path == "requirements.lock" or path in {f"src/recount/{name}" for name in OWN}

    def _build(self, warm: Warm, saved: Sequence[str]) -> None:
        self.state.tell(state="building", saved=list(saved))
        overtaken = threading.Event()
        ended = threading.Event()
        watcher = threading.Thread(target=self._overtake, args=(warm, overtaken, ended), daemon=True)
        watcher.start()
        found: list[Mapping[str, Any]] = []
        last: Mapping[str, Any] = {}
        for message in warm.build():
            if "line" in message:
                self.progress.status(message["line"])
            elif "problem" in message:
                # Shown at once, before the slow checks have begun.
                found.append(message["problem"])
                self.state.tell(state="broken", problems=found)
            elif "layout" in message:
                told = message["layout"]
                fonts = tuple(map(Path, told["fonts"]))
                self.typesetting.set(Layout(Path(told["folder"]), fonts, told["timestamp"], told["name"]))
            elif message.get("died") and not last:
                last = {"done": False, "problems": [{"rule": "build-runs", "message": message["died"]}]}
            elif "done" in message:
                last = message
        ended.set()
        watcher.join()
        if not overtaken.is_set():
            self._tell(last, saved)

    def _overtake(self, warm: Warm, overtaken: threading.Event, ended: threading.Event) -> None:
        """Stop the build as soon as something else is saved."""
        while not ended.wait(STEP):
            saved = self.watch.changed()
            if saved:
                self._waiting = saved
                overtaken.set()
                warm.stop_building()
                return

    def _tell_paper(self, seconds: float, problems: Sequence[Problem]) -> None:
        self.state.paper(problems)
        self.progress.line(f"{'PDF':<12}{seconds:6.1f} s" if not problems else "\n".join(map(str, problems)))

    def _tell(self, last: Mapping[str, Any], saved: Sequence[str]) -> None:
        what = ", ".join(saved) or "start"
        if not last.get("done"):
            problems = last.get("problems", [])
            self.state.tell(state="broken", problems=problems)
            self.progress.line(f"{what}: {len(problems)} problem{'s' if len(problems) != 1 else ''}")
            for problem in problems:
                place = f"\n  where: {problem['place']}" if problem.get("place") else ""
                fix = f"\n  fix:   {problem['fix']}" if problem.get("fix") else ""
                self.progress.line(f"{problem['rule']}: {problem['message']}{place}{fix}")
            return
        changed = self.state.built(last["files"], last["verdicts"])
        pages = sum(path.endswith(".html") for path in changed)
        self.progress.line(f"{what}: {pages} pages in {last['seconds']:.1f} s")
        for verdict in last["verdicts"]:
            self.progress.line(f"  verdict: {verdict['message']}")


def start(root: Path, port: int = 0) -> None:
    """Serve and follow the project in ROOT until interrupted."""
    progress = Progress()
    state = State()
    (root / FOLDER).mkdir(parents=True, exist_ok=True)
    preview = Preview(root, state, progress)
    try:
        server = serve(root, state, preview.typesetting, port)
    except OSError as error:
        raise _port_problem(port, error) from error
    progress.line(f"preview     http://127.0.0.1:{server.server_address[1]}/  (stop with Ctrl-C)")
    try:
        preview.run()
    finally:
        preview.stop()
        server.shutdown()


def _port_problem(port: int, error: OSError) -> Exception:
    from recount.problems import Exit, Problem, Stop

    said = (error.strerror or "refused").lower()
    fix = "leave the port out: a free one is then taken"
    return Stop([Problem("", 0, "port-is-free", f"port {port}: {said}", value=str(port), fix=fix)], Exit.DATA)
