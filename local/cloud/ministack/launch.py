"""MiniStack on a unix socket, for as long as the process that started it holds our standard input open."""

import os
import signal
import sys
import threading
import time

from hypercorn.__main__ import main

sys.dont_write_bytecode = True  # this is a folder of sources
import custom_resources  # noqa: E402


def end_with_parent():
    while os.read(0, 1024):  # ends when the parent does, even by SIGKILL
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(5)
    os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()
custom_resources.ask_as_cloudformation_does()
# no workers: hypercorn would put them in processes of their own, which this one could leave behind
sys.exit(main(["ministack.app:app", "--bind", f"unix:{sys.argv[1]}", "--keep-alive", "75", "--workers", "0"]))
