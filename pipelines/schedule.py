"""The crontab line and the systemd timer, with this installation's own paths."""

import shlex
import shutil
import sys
from pathlib import Path

_CRON = """\
# crontab -e: every Monday at 06:15, when the week before is complete.
# Exit code 3 means: done, but a source was not heard from.
15 6 * * 1  {command} >> {log} 2>&1
"""
_SYSTEMD = """\
# ~/.config/systemd/user/trendscout.service
[Unit]
Description=trendscout: the weekly run
After=network-online.target

[Service]
Type=oneshot
ExecStart={command}
SuccessExitStatus=3

# ~/.config/systemd/user/trendscout.timer
[Unit]
Description=trendscout: every Monday

[Timer]
OnCalendar=Mon 06:15
Persistent=true

[Install]
WantedBy=timers.target

# systemctl --user enable --now trendscout.timer
"""


def schedule_text(data: Path, config: Path | None) -> str:
    """Both ways to start the weekly run; a second run at the same time steps back by itself."""
    command = [*program(), "--data", str(data.resolve())]
    if config is not None:
        command += ["--config", str(config.resolve())]
    line = shlex.join([*command, "run"])
    log = shlex.quote(str(data.resolve() / "logs" / "run.log"))
    folder = shlex.quote(str(data.resolve() / "logs"))
    # In a crontab a bare % ends the command.
    cron = _CRON.format(command=line.replace("%", r"\%"), log=log.replace("%", r"\%"))
    service = _SYSTEMD.format(command=line.replace("%", "%%"))
    return f"# once: mkdir -p {folder}\n{cron}\n{service}"


def program() -> list[str]:
    """How this installation is called: the script beside its Python, else the module."""
    script = Path(sys.executable).parent / "trendscout"
    found = str(script) if script.is_file() else shutil.which("trendscout")
    return [found] if found else [sys.executable, "-m", "pipelines.cli"]
