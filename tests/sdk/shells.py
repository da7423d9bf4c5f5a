# SPDX-License-Identifier: Apache-2.0
"""Interactive shells on a terminal of their own, asked what they complete.

A shell writes its answers into a pipe, so that nobody reads a screen and nobody
waits longer than it takes.
"""
import os
import pty
import select
import subprocess
import time

TIMEOUT_S = 30
END = "END\n"
TYPED = {"complete": "\x14", "tell": "\x07"}  # ^T, ^G

BASH = """
PS1='> '
set +o history
. {prefix}/share/bash-completion/completions/cptsctl
answer() {{ _cptsctl "$@"; printf '%s\\n' "${{COMPREPLY[@]}}" END > {pipe}; }}
# The same options as the script's own `complete`, which is the last one.
eval "$(complete -p cptsctl | sed 's/_cptsctl/answer/')"
bind '"\\C-t": complete'
bind -x '"\\C-g": printf "%s\\n" "$READLINE_LINE" END > {pipe}; READLINE_LINE='
printf '%s\\n' ready END > {pipe}
"""
ZSH = """
PROMPT='> '
fpath=({prefix}/share/zsh/site-functions $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {{ builtin compadd -O hits "$@"; found+=("${{hits[@]}}"); builtin compadd "$@" }}
complete-and-answer() {{
  found=()
  zle complete-word
  print -rl -- "${{found[@]}}" END > {pipe}
}}
tell() {{ print -rl -- "$BUFFER" END > {pipe}; BUFFER= }}
zle -N complete-and-answer
zle -N tell
bindkey '^T' complete-and-answer
bindkey '^G' tell
print -rl -- ready END > {pipe}
"""


class Shell:
    """bash or zsh, with the completion of the tree installed at `prefix`."""

    def __init__(self, name, prefix, folder):
        start = {"bash": (BASH, ".bashrc"), "zsh": (ZSH, ".zshrc")}[name]
        self.folder = os.path.join(folder, name)
        os.mkdir(self.folder)
        pipe = os.path.join(self.folder, "pipe")
        os.mkfifo(pipe)
        # Open for writing too: a shell that closes its end is not the end.
        self.pipe = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
        rc = os.path.join(self.folder, start[1])
        with open(rc, "w", encoding="utf-8") as file:
            file.write(start[0].format(prefix=prefix, pipe=pipe))
        command = {"bash": ["bash", "--noprofile", "--rcfile", rc, "-i"],
                   "zsh": ["zsh", "-d", "-i"]}[name]
        self.terminal, inner = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=inner, stdout=inner, stderr=inner, cwd=self.folder,
            start_new_session=True, env=environment(prefix, self.folder))
        os.close(inner)
        self.screen = b""
        if self._answer() != ["ready"]:
            raise AssertionError(f"{name} did not start: {self.screen}")

    def _answer(self):
        """The lines up to END; what goes to the screen meanwhile is kept."""
        text, deadline = b"", time.monotonic() + TIMEOUT_S
        while not text.endswith(END.encode()):
            ready = select.select([self.pipe, self.terminal], [], [],
                                  max(0, deadline - time.monotonic()))[0]
            if not ready:
                raise AssertionError(f"no answer, but {text} and on the screen {self.screen}")
            if self.terminal in ready:
                self.screen = (self.screen + os.read(self.terminal, 4096))[-4096:]
            if self.pipe in ready:
                text += os.read(self.pipe, 65536)
        return [line for line in text.decode()[:-len(END)].split("\n") if line]

    def _type(self, text):
        os.write(self.terminal, text.encode())

    def complete(self, line):
        """The words offered for the last one of `line`, and the line then."""
        self._type(line + TYPED["complete"])
        words = self._answer()
        self._type(TYPED["tell"])
        return words, (self._answer() or [""])[0]

    def end(self):
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        os.close(self.terminal)
        os.close(self.pipe)


def environment(prefix, home):
    """Nothing of the user's, and cptsctl of the installed tree."""
    return {"PATH": os.path.join(prefix, "bin") + ":/usr/bin:/bin", "HOME": home,
            "ZDOTDIR": home, "TERM": "xterm", "LC_ALL": "C.UTF-8",
            "XDG_DATA_DIRS": os.path.join(prefix, "share") + ":/usr/share",
            "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}


def fish_words(prefix, folder, line):
    """What fish offers for the last word of `line`."""
    done = subprocess.run(["fish", "-c", 'complete -C "$argv"', line],
                          env=environment(prefix, folder), cwd=folder, capture_output=True,
                          text=True, timeout=TIMEOUT_S, check=True)
    return [row.split("\t")[0] for row in done.stdout.splitlines()]
