"""Supervisor of one attempt of a local job: a detached process that outlives the worker which started it.

    python -I -S supervise.py run JOBDIR      supervise the attempt in JOBDIR
    python -I -S supervise.py held JOBDIR     exit 0 if a supervisor holds the attempt's lock, 1 if none does

JOBDIR holds `launch.json`: {"command": [...], "directory": "...", "timeoutSeconds": s, "memoryBytes": b | null, "graceSeconds": s}. The command inherits
this process's environment, which the worker has reduced to an allowlist; it never touches the disk. The supervisor

1. takes a lock on `job.lock`, so that an attempt is started once, however many workers try; whoever comes second exits with 75. An attempt with a
   `process.json` has been started before and is not started again;
2. writes `process.json`: who supervises it and since when;
3. runs the command in a session and process group of its own, its output appended to `log.txt`;
4. ends it on timeout, above its memory, on SIGTERM, or when `cancel.json` appears: SIGTERM, grace, SIGKILL. Whatever the command leaves running
   is killed in any case: as a subreaper the supervisor inherits every descendant, whichever group it moved to;
5. writes `exit.json`: {"reason", "exitCode", "signal", "startedAt", "endedAt", "maxRssBytes"}, `reason` being exited, signalled, timeout,
   cancelled, out-of-memory, not-started, or stopped: a SIGTERM that no `cancel.json` explains, as of a host that shuts down.

A cancellation is a file and not a signal, so that it outlasts a worker that dies over it and never hits a recycled pid.

The memory limit is kept by adding up what the descendants hold, ten times a second. RLIMIT_AS would count address space, of which OpenMP, Arrow and CUDA
reserve far more than they use; a control group needs systemd or a delegated, writable hierarchy, which a container or a plain user mostly has not. What
grows faster than ten looks a second see is left to the kernel: the command's oom_score_adj makes it the first to die, before the worker.

Standard library only, and no import that is slow: it starts in about 40 ms.
"""

import ctypes
import fcntl
import json
import os
import select
import signal
import sys
import time

ALREADY_SUPERVISED = 75  # EX_TEMPFAIL
LOOK_SECONDS = 0.1
UNLIMITED_LOOK_SECONDS = 0.25
OOM_COUNTER_SECONDS = 1.0
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
LIBC = ctypes.CDLL(None, use_errno=True)


def main(action, directory):
    os.chdir(directory)
    lock = os.open("job.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        # Those who only ask share the lock, so that they do not take one another for a supervisor.
        fcntl.flock(lock, (fcntl.LOCK_SH if action == "held" else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0 if action == "held" else ALREADY_SUPERVISED
    if action == "held":
        return 1
    if os.path.exists("process.json") or os.path.exists("exit.json"):
        return ALREADY_SUPERVISED
    with open("launch.json", encoding="utf-8") as file:
        launch = json.load(file)
    Supervisor(launch).run()
    return 0


class Supervisor:
    """One attempt, from its first process to its `exit.json`."""

    def __init__(self, launch):
        self.launch = launch
        self.started_at = now()
        self.peak_bytes = 0
        self.child_peak_bytes = 0
        self.oom_kills = OomKills()
        self.stop_asked = False

    def run(self):
        if LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")
        wakeup, self.wakeup_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.wakeup_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.on_stop)
        write_atomically("process.json", {**own_identity(), "startedAt": self.started_at})
        if os.path.exists("cancel.json"):
            self.finish("cancelled", None)
            return
        try:
            child = self.start()
        except OSError as error:
            self.finish("not-started", None, f"{error.strerror}: {self.launch['command'][0]}")
            return
        reason, status = self.watch(child, wakeup)
        end_all(0)
        self.finish(reason, status)

    def on_stop(self, *_):
        self.stop_asked = True

    def start(self):
        """Forks the command. A failing exec is reported through a pipe that a successful one closes."""
        report_read, report_write = os.pipe2(os.O_CLOEXEC)
        supervisor = os.getpid()
        child = os.fork()
        if child == 0:
            try:
                self.become_command(supervisor)
            except OSError as error:
                os.write(report_write, str(error.errno).encode())
            finally:
                os._exit(127)
        os.close(report_write)
        with os.fdopen(report_read, "rb") as report:
            failure = report.read()
        if failure:
            os.waitpid(child, 0)
            raise OSError(int(failure), os.strerror(int(failure)))
        return child

    def become_command(self, supervisor):
        os.setsid()
        # If the supervisor is killed, nobody can record how the command ends: it must die too, so that the next attempt runs alone.
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != supervisor:
            os._exit(127)
        prefer_for_oom_kill()
        log = os.open("log.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open("/dev/null", os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.chdir(self.launch["directory"])
        command = self.launch["command"]
        os.execvpe(command[0], command, os.environ)

    def watch(self, child, wakeup):
        """Waits for the end of the command, and brings it about when it must end. Returns reason and wait status."""
        deadline = time.monotonic() + self.launch["timeoutSeconds"]
        look = LOOK_SECONDS if self.launch.get("memoryBytes") else UNLIMITED_LOOK_SECONDS
        while True:
            status = self.reap(child)
            if status is not None:
                return self.natural_reason(status), status
            reason = self.why_end(deadline)
            if reason is not None:
                return reason, end_all(self.launch["graceSeconds"] if reason != "out-of-memory" else 0, child)
            pause = max(0.0, min(look, deadline - time.monotonic()))
            if select.select([wakeup], [], [], pause)[0]:
                os.read(wakeup, 4096)

    def why_end(self, deadline):
        """The reason to end the command now, or None."""
        if os.path.exists("cancel.json"):
            return "cancelled"
        if self.stop_asked:
            return "stopped"
        if time.monotonic() >= deadline:
            return "timeout"
        self.oom_kills.look()
        limit = self.launch.get("memoryBytes")
        processes = descendants()
        used = sum(resident_bytes(pid) for pid in processes)
        if limit and used > limit:
            # Forked workers share pages, which the quick sum counts for each: the exact figure decides.
            used = sum(proportional_bytes(pid) for pid in processes)
        self.peak_bytes = max(self.peak_bytes, used)
        return "out-of-memory" if limit and used > limit else None

    def reap(self, child):
        """Collects ended descendants; returns the wait status of the command itself once it has ended."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if pid == child:
                self.child_peak_bytes = usage.ru_maxrss * 1024
                return status

    def natural_reason(self, status):
        """How an end that the supervisor did not bring about is to be called."""
        code = os.waitstatus_to_exitcode(status)
        # A shell that runs the trainer hands the signal on as an exit code.
        killed = code in (-signal.SIGKILL, 128 + signal.SIGKILL)
        if killed and self.oom_kills.rose_lately():
            return "out-of-memory"
        return "signalled" if code < 0 else "exited"

    def finish(self, reason, status, message=None):
        code = None if status is None else os.waitstatus_to_exitcode(status)
        record = {
            "reason": reason,
            "exitCode": code if code is not None and code >= 0 else None,
            "signal": signal_name(-code) if code is not None and code < 0 else None,
            "startedAt": self.started_at,
            "endedAt": now(),
            "maxRssBytes": max(self.peak_bytes, self.child_peak_bytes),
        }
        if message is not None:
            record["message"] = message
        write_atomically("exit.json", record)


class OomKills:
    """The kernel's counts of processes it killed for memory, in this control group and on this host."""

    def __init__(self):
        self.sources = [path for path in self.candidates() if self.read(path) is not None]
        self.reference = self.counts()
        self.looked_at = time.monotonic()

    @staticmethod
    def candidates():
        yield "/proc/vmstat"
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            for line in file:
                _, controllers, path = line.rstrip("\n").split(":", 2)
                if controllers == "":
                    yield f"/sys/fs/cgroup{path}/memory.events"
                elif "memory" in controllers.split(","):
                    yield f"/sys/fs/cgroup/memory{path}/memory.oom_control"

    @staticmethod
    def read(path):
        try:
            with open(path, encoding="utf-8") as file:
                return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), None)
        except OSError:
            return None

    def counts(self):
        return [self.read(path) for path in self.sources]

    def look(self):
        """Moves the reference on, so that a kill of long ago, of another job, is not taken for one of now."""
        if time.monotonic() - self.looked_at >= OOM_COUNTER_SECONDS:
            self.reference, self.looked_at = self.counts(), time.monotonic()

    def rose_lately(self):
        return any((after or 0) > (before or 0) for before, after in zip(self.reference, self.counts()))


def end_all(grace, child=None):
    """Ends every descendant, at first politely if there is grace. Returns the wait status of `child` if it was reaped here."""
    status = None
    give_up = time.monotonic() + grace
    polite = grace > 0
    while True:
        if polite:
            for pid in descendants():
                send(pid, signal.SIGTERM)
        while True:
            try:
                pid, ended = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return status
            if pid == 0:
                break
            if pid == child:
                status = ended
        # Asked once; but what the command starts while it winds up has not been asked, and is killed.
        polite = False
        if time.monotonic() >= give_up:
            for pid in descendants():
                send(pid, signal.SIGKILL)
        time.sleep(0.01)


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def prefer_for_oom_kill():
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        pass  # Where /proc is read-only the kernel chooses by size, as it would without us.


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def descendants():
    """Pids of all processes below this one."""
    found, queue = [], [os.getpid()]
    while queue:
        pid = queue.pop()
        for child in children(pid):
            found.append(child)
            queue.append(child)
    return found


def children(pid):
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    found = []
    for thread in threads:
        try:
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += [int(word) for word in file.read().split()]
        except OSError:
            continue
    return found


def resident_bytes(pid):
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE_BYTES
    except (OSError, IndexError):
        return 0


def proportional_bytes(pid):
    """Resident memory in which a page shared by n processes counts 1/n; the plain figure where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return resident_bytes(pid)


def own_identity():
    with open("/proc/self/stat", encoding="utf-8") as file:
        start_ticks = int(file.read().rpartition(")")[2].split()[19])
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        boot_id = file.read().strip()
    return {
        "host": os.uname().nodename,
        "bootId": boot_id,
        "pidNamespace": os.readlink("/proc/self/ns/pid"),
        "pid": os.getpid(),
        "startTicks": start_ticks,
    }


def write_atomically(path, record):
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def now():
    seconds = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds * 1000) % 1000:03d}Z"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
