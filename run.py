"""Holdall's commands, with nothing but Python: `python3 run.py` opens it, `run.py test` checks it.

Also: app, demo, server, build, bench. Makes `.venv` beside this file on the first run, installs what
requirements.lock pins by hash, and on Debian and Ubuntu adds the system libraries that Qt needs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "holdall-installed.txt"

COMMANDS = {
    "app": "open Holdall; with no store yet, its first page",
    "sample": "open Holdall with the sample council and its server (what a bare `run.py` does)",
    "demo": "the tour: `run.py demo --out DIR`",
    "server": "the sync server: `run.py server --db FILE --port 8714`",
    "test": "every check: ruff, mypy, import rules, tests",
    "bench": "the figures: `run.py bench [NAME]`",
    "build": "a folder that runs without Python, and its self-check",
}

IMPORT_RULES = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_logo=True))"

# What Qt asks of the system, by Debian package and a file of its own that tells it is there.
LIBRARIES = {
    "libegl1": "libEGL.so.1",
    "libgl1": "libGL.so.1",
    "libglib2.0-0": "libglib-2.0.so.0",
    "libdbus-1-3": "libdbus-1.so.3",
    "libxkbcommon0": "libxkbcommon.so.0",
    "libfontconfig1": "libfontconfig.so.1",
    "libfreetype6": "libfreetype.so.6",
    "libx11-6": "libX11.so.6",
    "libx11-xcb1": "libX11-xcb.so.1",
    "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    "libxcb-cursor0": "libxcb-cursor.so.0",
    "libxcb-icccm4": "libxcb-icccm.so.4",
    "libxcb-image0": "libxcb-image.so.0",
    "libxcb-keysyms1": "libxcb-keysyms.so.1",
    "libxcb-randr0": "libxcb-randr.so.0",
    "libxcb-render-util0": "libxcb-render-util.so.0",
    "libxcb-shape0": "libxcb-shape.so.0",
    "libxcb-sync1": "libxcb-sync.so.1",
    "libxcb-xfixes0": "libxcb-xfixes.so.0",
    "libxcb-xkb1": "libxcb-xkb.so.1",
}


def main(arguments: list[str]) -> int:
    """Sets up what is missing and runs one command; returns its exit code."""
    command = arguments[0] if arguments else "sample"
    if command in ("-h", "--help", "help"):
        print("python3 run.py [command]\n")
        print("\n".join(f"  {name:<8} {text}" for name, text in COMMANDS.items()))
        return 0
    if command not in COMMANDS:
        print(f"run.py: there is no command “{command}”. Try: python3 run.py help", file=sys.stderr)
        return 2
    developer = command in ("test", "bench", "build")
    try:
        set_up(developer)
    except subprocess.CalledProcessError as error:
        print(
            f"run.py: setting up stopped at: {' '.join(map(str, error.cmd[:6]))} … "
            "Check the network or proxy, then run the same command again; it goes on where it stopped.",
            file=sys.stderr,
        )
        return 1
    rest = arguments[1:]
    if command == "test":
        return test(rest)
    if command == "build":
        return build()
    if command == "bench":
        return run([PYTHON, "-m", "tests.bench", *rest])
    if command == "server":
        return run([PYTHON, "-m", "app", "server", *rest])
    if command == "demo":
        return run([PYTHON, "-m", "app", "demo", *(rest or ["--out", "out"])])
    if not has_display():
        print(
            "Holdall has no screen to open on here, so it runs the tour instead and saves pictures in out/.",
            file=sys.stderr,
        )
        return run([PYTHON, "-m", "app", "demo", "--out", str(HERE / "out")])
    return run([PYTHON, "-m", "app", *(["--sample"] if command == "sample" else []), *rest])


def has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, by its variables on Linux."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def set_up(developer: bool) -> None:
    """Makes `.venv` and installs what the lock file pins, when that has not been done for this lock."""
    lock = HERE / ("requirements-dev.lock" if developer else "requirements.lock")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    done = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    if wanted in done and PYTHON.exists():
        return
    if sys.version_info < (3, 11):  # noqa: UP036  this file is what tells people so
        sys.exit(f"run.py: Holdall needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    system_libraries()
    if not PYTHON.exists():
        step("Making .venv")
        make_venv()
    step(f"Installing from {lock.name} (the first time this takes a minute or two)")
    install(lock)
    done.append(wanted)
    if developer:  # the developers' lock holds everything that the other one does
        done.append(hashlib.sha256((HERE / "requirements.lock").read_bytes()).hexdigest())
    STAMP.write_text("\n".join(done), encoding="utf-8")
    step("Ready")


def install(lock: Path) -> None:
    """Installs a lock file's packages, saying which one of how many is on its way."""
    total = sum(line[:1].isalnum() for line in lock.read_text(encoding="utf-8").splitlines())
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--require-hashes"]
    line = [*pip, "--progress-bar", "off", "-r", str(lock)]
    at = 0
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    ) as work:
        assert work.stdout is not None  # noqa: S101  it was asked for above
        for said in work.stdout:
            if said.startswith("Collecting "):
                at += 1
                step(f"{at} of {total}  {said.split()[1].split('==')[0]}")
            elif said.startswith("Installing collected"):
                step("Unpacking them")
    if work.returncode:
        raise subprocess.CalledProcessError(work.returncode, line)


def make_venv() -> None:
    """A virtual environment with pip; on Debian that needs python3-venv, which apt adds."""
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except (subprocess.CalledProcessError, ImportError, OSError):
        shutil.rmtree(VENV, ignore_errors=True)
        package = f"python3.{sys.version_info.minor}-venv"
        if not apt_install([package]):
            sys.exit(f"run.py: Python's venv is missing. Run: sudo apt-get install -y {package}")
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)


def system_libraries() -> None:
    """Adds the libraries Qt needs on Debian and Ubuntu, or says the one line that does."""
    if not sys.platform.startswith("linux"):
        return
    missing = [package for package, library in LIBRARIES.items() if not library_there(library)]
    if not missing:
        return
    step(f"Adding system libraries: {', '.join(missing)}")
    if not apt_install(missing):
        print(
            f"run.py: Qt needs libraries that are not here. Run: sudo apt-get install -y {' '.join(missing)}",
            file=sys.stderr,
        )


def library_there(name: str) -> bool:
    """Whether the dynamic linker finds a library by its file name."""
    import ctypes

    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def apt_install(packages: list[str]) -> bool:
    """Installs Debian packages where this person may; False where they may not or it fails."""
    if shutil.which("apt-get") is None:
        return False
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not is_root and shutil.which("sudo") is None:
        return False
    prefix = [] if is_root else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    subprocess.run([*prefix, "apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
    names = [name if known_to_apt(name) else f"{name}t64" for name in packages]
    done = subprocess.run(  # type: ignore[call-overload]
        [*prefix, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *names], check=False, **quiet
    )
    return bool(done.returncode == 0)


def known_to_apt(package: str) -> bool:
    """Whether apt has the package under this name (newer releases add t64 to some)."""
    done = subprocess.run(
        ["apt-cache", "show", package], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


def test(rest: list[str]) -> int:
    """Every check, one after the other; all of them run, and the first that fails gives the exit code."""
    pytest = [PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *rest]
    domain = ["tests/models", "tests/app", "tests/sync", "tests/sim"]
    checks: list[tuple[str, list[object], dict[str, str]]] = [
        ("ruff check", [PYTHON, "-m", "ruff", "check", "."], {}),
        ("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."], {}),
        ("mypy", [PYTHON, "-m", "mypy"], {}),
        ("import rules", [PYTHON, "-c", IMPORT_RULES], {}),
        (
            "tests of the domain, with no Qt at all",
            [*pytest, "-c", "tests/domain.ini", "--rootdir", HERE, *domain],
            {},
        ),
        ("tests of the screens, journeys and shape", [*pytest, *_others(domain)], {}),
    ]
    failed: list[str] = []
    code = 0
    for name, line, extra in checks:
        step(name)
        result = run(line, extra)
        if result:
            failed.append(name)
            code = code or result
    step(f"Not passed: {', '.join(failed)}" if failed else "All checks passed")
    return code


def _others(domain: list[str]) -> list[str]:
    names = sorted(path.name for path in (HERE / "tests").iterdir() if path.is_dir())
    return [f"tests/{n}" for n in names if f"tests/{n}" not in domain and n not in ("bench", "__pycache__")]


def build() -> int:
    """The one-folder program by PyInstaller, then its own self-check without a screen."""
    step("Building with PyInstaller")
    target, work = HERE / "dist", HERE / "build"
    line = [PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    code = run([*line, "--distpath", target, "--workpath", work, HERE / "build.spec"])
    if code:
        return code
    program = target / "holdall" / ("holdall.exe" if os.name == "nt" else "holdall")
    offscreen = {"QT_QPA_PLATFORM": "offscreen"}
    step(f"Checking {program.relative_to(HERE)}")
    return run([program, "--version"], offscreen) or run([program, "--self-check"], offscreen)


def run(line: list[object], extra: dict[str, str] | None = None) -> int:
    """Runs a command here and returns its exit code; Ctrl+C ends it quietly."""
    try:
        return subprocess.run(
            [str(part) for part in line], cwd=HERE, env={**os.environ, **(extra or {})}, check=False
        ).returncode
    except KeyboardInterrupt:
        return 130


def step(text: str) -> None:
    """One line of progress."""
    print(f"holdall: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
