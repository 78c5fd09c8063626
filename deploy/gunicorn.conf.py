"""gunicorn: threads, because a log-in waits on the platform; metrics summed over workers."""

import os
import shutil
import tempfile

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 30
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")

_made_here = ""
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    _made_here = tempfile.mkdtemp(prefix="deputy-home-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _made_here


def post_worker_init(worker):
    """Neither the first word to the assistant nor the first opinion written waits for a model."""
    from threading import Thread

    from services.assistant.understanding import classifier
    from services.opinion_language import similarity

    def load():
        classifier.the_model()
        similarity.the_model()

    Thread(target=load, name="models", daemon=True).start()


def child_exit(server, worker):
    """A dead worker's gauges leave with it."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    if _made_here:
        shutil.rmtree(_made_here, ignore_errors=True)
