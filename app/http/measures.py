"""Metrics for Prometheus, summed over gunicorn's workers when PROMETHEUS_MULTIPROC_DIR is set."""

import os

from prometheus_client import REGISTRY as LOCAL
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

REQUESTS = Counter("http_requests_total", "Requests by method, route and status", ["method", "route", "status"])
LATENCY = Histogram("http_request_seconds", "Seconds per request by route", ["route"],
                    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5))
PLATFORM_CALLS = Counter("wechat_calls_total", "Platform calls by API and outcome", ["api", "outcome"])
PLATFORM_LATENCY = Histogram("wechat_call_seconds", "Seconds per platform call", ["api"])
JOBS = Counter("jobs_total", "Outbox messages handled by topic and outcome", ["topic", "outcome"])


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method, route, str(status)).inc()
    LATENCY.labels(route).observe(seconds)


def observe_platform_call(api: str, outcome: str, seconds: float) -> None:
    PLATFORM_CALLS.labels(api, outcome).inc()
    PLATFORM_LATENCY.labels(api).observe(seconds)


def render() -> bytes:
    """The exposition text of all workers, or of this process alone."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(LOCAL)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
