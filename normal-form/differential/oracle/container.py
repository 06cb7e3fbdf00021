"""What package managers list in a container: each request is the folder of a root, each answer one line of JSON. A child enters the root, with /proc
as every container has it, so that links lead where they lead there."""

import ctypes
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import traceback
import zipfile

TOOLS, AT = sys.argv[1], ".tools-of-the-test"
LIBC = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, PRIVATE, BIND = 0x20000, 0x44000, 0x1000


def mount(source, target, kind, flags):
    if LIBC.mount(os.fsencode(source), os.fsencode(target), os.fsencode(kind), flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def enter(root):
    if LIBC.unshare(NEW_MOUNTS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    mount("none", "/", "", PRIVATE)
    proc, tools = os.path.join(root, "proc"), os.path.join(root, AT)
    if not os.path.lexists(proc):
        os.mkdir(proc)
    if os.path.isdir(proc) and not os.path.islink(proc):
        mount("proc", proc, "proc", 0)
    os.mkdir(tools)
    mount(TOOLS, tools, "", BIND)
    os.chroot(root)
    os.chdir("/")


def run(program, *arguments):
    """One of the tools, with its own libraries."""
    at = "/" + AT
    environment = {"PATH": "/nowhere", "RPM_CONFIGDIR": at + "/rpm", "HOME": "/", "LC_ALL": "C"}
    command = [at + "/lib/loader", "--library-path", at + "/lib", at + "/bin/" + program, *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=20, close_fds=True)
    except subprocess.TimeoutExpired:
        return 1, b"", b"it hangs"
    return done.returncode, done.stdout, done.stderr


def lines(kind, output):
    for line in output.split(b"\n"):
        fields = line.split(b"\t")
        if len(fields) == 3:
            yield [kind, "", text(fields[0]), text(fields[1]), text(fields[2])]


def text(data):
    return data.decode("utf-8", "surrogateescape")


def dpkg():
    status, output, errors = run(
        "dpkg-query", "--admindir=/var/lib/dpkg", "-W", "-f", "${Package}\t${Version}\t${db:Status-Status}\n"
    )
    if status != 0 and b"no packages found" not in errors:
        raise RuntimeError(text(errors))
    return [[*each[:4], ""] for each in lines("dpkg", output) if each[4] not in ("not-installed", "config-files")]


def rpm():
    """At each place where some rpm keeps its database."""
    found, errors = [], ""
    for folder in ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"):
        if not os.path.exists(folder + "/rpmdb.sqlite"):
            continue
        status, output, said = run(
            "rpm", "--dbpath", folder, "-qa", "--qf", "%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\tx\n"
        )
        errors += text(said)
        found += [[*each[:4], ""] for each in lines("rpm", output) if each[2] != "gpg-pubkey"]
    if errors.strip() and not found:
        raise RuntimeError(errors)
    return found


def folders(top, seen):
    """Every folder once by each of its names, those behind links too, but none within itself."""
    yield top
    try:
        entries = sorted(os.scandir(top), key=lambda e: e.name)
    except OSError:
        return
    for entry in entries:
        try:
            info = entry.stat()
            if not entry.is_dir() or info.st_dev != os.stat("/").st_dev:  # proc
                continue
        except OSError:
            continue
        own = (info.st_dev, info.st_ino)
        if own not in seen:
            yield from folders(os.path.join(top, entry.name), seen | {own})


def python():
    found = []
    tools = os.stat("/" + AT)
    for count, folder in enumerate(folders("/", frozenset({(tools.st_dev, tools.st_ino)}))):
        if count > 3000:
            break
        found += python_in(folder)
        for name in os.listdir(folder) if os.access(folder, os.R_OK) else []:
            if name.endswith(".egg") and os.path.isfile(os.path.join(folder, name)):
                found += python_in(os.path.join(folder, name))
    return found


def python_in(place):
    try:
        distributions = list(importlib.metadata.MetadataPathFinder.find_distributions(importlib.metadata.DistributionFinder.Context(path=[place])))
    except Exception:
        return
    for distribution in distributions:
        try:
            metadata = distribution.metadata
            name, version = metadata["Name"], metadata["Version"]
        except Exception:
            continue
        if isinstance(name, str) and isinstance(version, str) and name.strip() and version.strip():
            at = distribution._path
            of = place if isinstance(at, zipfile.Path) else str(at)
            yield ["python-pkg", of.lstrip("/"), name.strip(), version.strip(), ""]


def answer(root):
    enter(root)
    found, failed = [], {}
    for manager in [python] + [m for m in (dpkg, rpm) if os.path.lexists("/" + AT + "/has-" + m.__name__)]:
        try:
            found += manager()
        except Exception as error:
            failed[manager.__name__] = "".join(traceback.format_exception_only(error))
    return {"found": found, "failed": failed}


def warm():
    """What Python loads only when it needs it must be there before there is no library any more."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(os.path.join(folder, "a.egg"), "w", zipfile.ZIP_DEFLATED) as egg:
            egg.writestr("EGG-INFO/PKG-INFO", "Name: a\nVersion: 1\nX: =?utf-8?q?a?=\n\n\xfc")
        os.mkdir(os.path.join(folder, "b.dist-info"))
        with open(os.path.join(folder, "b.dist-info", "METADATA"), "wb") as metadata:
            metadata.write(b"Name: \xc3\xbc\xff\nVersion: 1\n\n\xfc")
        list(python_in(folder)), list(python_in(os.path.join(folder, "a.egg")))
        subprocess.run(["true"], capture_output=True, timeout=5)
    try:
        raise ValueError("\udcff")
    except ValueError as error:
        traceback.format_exception_only(error)


warm()
for request in sys.stdin:
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        try:
            result = answer(request.rstrip("\n"))
        except BaseException as error:
            result = {"broken": "".join(traceback.format_exception_only(error))}
        with os.fdopen(sender, "w") as out:
            json.dump(result, out)
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as source:
        result = source.read()
    os.waitpid(child, 0)
    print(result or '{"broken": "the child ended without an answer"}', flush=True)
