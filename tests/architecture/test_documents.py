"""What is written down agrees with the code: settings, locked requirements, the README's map."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from app import settings

ROOT = Path(__file__).resolve().parents[2]
#: Read by gunicorn's configuration or the supervisor, not by the program.
NOT_SETTINGS = {"WEB_CONCURRENCY", "WEB_THREADS", "FORWARDED_ALLOW_IPS", "PORT", "STAND_IN_PORT"}


class Recorder(Mapping[str, str]):
    """An environment that remembers which names were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values, self.asked = values, set[str]()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values[name]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)


def test_the_example_names_exactly_the_settings_the_program_reads(tmp_path: Path) -> None:
    environment = Recorder({"APP_STAGE": "testing", "DATA_DIR": str(tmp_path)})
    settings.from_env(environment)
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert example == environment.asked


def test_every_name_of_the_example_is_explained_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        family = re.sub(r"^(WECHAT_MINI|WECHAT_OA)_.*", r"\1_*", name)
        family = re.sub(r"^WECHAT_TEMPLATE_(OPINION|RECEPTION)$", r"_\1", family)
        assert f"`{family}`" in readme, name


def test_the_locked_requirements_hold_every_pinned_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = project["project"]["dependencies"]
    for names, lock in ((runtime, "requirements.txt"), (runtime + project["dependency-groups"]["dev"],
                                                       "requirements-dev.txt")):
        locked = (ROOT / lock).read_text()
        for requirement in names:
            name, _, version = re.sub(r"\[.*?\]", "", requirement).partition("==")
            assert re.search(rf"^{re.escape(name.lower())}=={re.escape(version)}", locked, re.MULTILINE), requirement


def test_the_locked_requirements_carry_hashes_and_no_address() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / lock).read_text()
        pins = re.findall(r"^[a-z0-9][\w.-]*==", text, re.MULTILINE)
        assert len(pins) > 40
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text


def test_the_readmes_map_lists_stems_that_exist_with_model_service_and_api() -> None:
    readme = (ROOT / "README.md").read_text()
    stems = re.findall(r"^\| ([a-z]+) \|", readme, re.MULTILINE)
    assert len(stems) >= 12
    for stem in stems:
        service = ROOT / "services" / stem
        assert service.is_dir() or service.with_suffix(".py").exists(), stem


def test_no_document_names_a_package_index() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "miniprogram" / "package-lock.json"]:
        assert not re.search(r"registry\.npm|pypi\.org|pythonhosted", path.read_text()), path.name
