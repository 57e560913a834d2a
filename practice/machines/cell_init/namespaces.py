"""Namespaces and mounts of a cell (Linux). Python 3.11 has no os.unshare and never had mount: libc is called."""

import ctypes
import os

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x4000000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
PR_SET_CHILD_SUBREAPER = 36


def call(name: str, *arguments: object) -> None:
    """A libc call that raises OSError, naming itself, where it returns -1."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2). Raises: OSError that names both ends."""
    texts = [value.encode() or None for value in (source, target, kind, data)]
    try:
        call("mount", texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3])
    except OSError as error:
        raise OSError(error.errno, f"mount {source} at {target}: {os.strerror(error.errno or 0)}") from error


def bind(source: str, target: str) -> None:
    """Let `source`, with all that is mounted under it, also stand at `target`."""
    mount(source, target, flags=MS_BIND | MS_REC)


def unshare(kind: str) -> None:
    """Give this process its own mounts and host name, and its children a pid namespace; `user`: as root of a user's."""
    flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS
    if kind == "root":
        call("unshare", flags)
        return
    uid, gid = os.geteuid(), os.getegid()
    call("unshare", flags | CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def place(mounts: list[tuple[str, str]]) -> None:
    """Bind each source at its target. What stood there is hidden in this cell and untouched outside it."""
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    ours = tuple(f"{target}/" for target, _ in mounts)
    covered: tuple[str, ...] = ()
    for target, source in sorted(mounts):
        ancestor = target
        while not os.path.lexists(ancestor):
            ancestor = os.path.dirname(ancestor)
        if ancestor != target:
            if not f"{ancestor}/".startswith((*ours, *covered)):
                cover(ancestor)
                covered += (f"{ancestor}/",)
            make_place(target, os.path.isdir(source))
        bind(source, target)


def cover(folder: str) -> None:
    """Put a writable tmpfs over a folder, with all that was in it bound back."""
    under = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    names = os.listdir(under)
    mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, f"mode={os.fstat(under).st_mode & 0o7777:o}")
    for name in names:
        target, former = f"{folder}/{name}", f"/proc/self/fd/{under}/{name}"
        if os.path.islink(former):
            os.symlink(os.readlink(former), target)
        else:
            make_place(target, os.path.isdir(former))
            bind(former, target)
    os.close(under)


def make_place(path: str, is_folder: bool) -> None:
    """An empty folder or file for something to be bound on."""
    os.makedirs(path if is_folder else os.path.dirname(path), exist_ok=True)
    if not is_folder:
        os.close(os.open(path, os.O_CREAT | os.O_RDONLY, 0o644))


def renew_proc() -> None:
    """Mount the new pid namespace's /proc. A container that masks /proc refuses it; the outer one still serves."""
    try:
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        return


def name_host(hostname: str) -> None:
    """Name this host, in this cell alone."""
    text = hostname.encode()
    call("sethostname", text, ctypes.c_size_t(len(text)))


def adopt_orphans() -> None:
    """Become the parent of every descendant that loses its own, so that none can slip away."""
    call("prctl", PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def try_all() -> None:
    """What `place` will need, tried on nothing that matters. Raises: OSError."""
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    mount("tmpfs", "/tmp", "tmpfs")  # noqa: S108
    os.mkdir("/tmp/bound")  # noqa: S108
    bind("/proc", "/tmp/bound")  # noqa: S108
