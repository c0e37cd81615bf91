# Colab opens a notebook alone: fetch the rest of its repository, and install it.
import os

if "COLAB_RELEASE_TAG" in os.environ:
    import re
    import socket
    import subprocess
    import sys
    from urllib.parse import unquote
    from urllib.request import urlopen

    server = f"http://{socket.gethostbyname(socket.gethostname())}:9000"
    sessions = unquote(urlopen(f"{server}/api/sessions").read().decode())
    found = re.search(r"github\.com/([\w.-]+/[\w.-]+)/blob/(.+?)/book/", sessions)
    if not found:
        raise RuntimeError(
            "Colab does not say which repository this notebook is from: !git clone"
            " it, !pip install ./NAME myst-nb, and go to its folder, %cd NAME/book"
        )
    address = f"https://github.com/{found[1]}"
    clone = ["git", "clone", "--quiet", "--depth=1", f"--branch={found[2]}"]
    install = [sys.executable, "-m", "pip", "install", "--quiet"]
    subprocess.run([*clone, address, "recurrent"], check=True)
    subprocess.run([*install, "./recurrent", "myst-nb"], check=True)
    os.chdir("recurrent/book")
