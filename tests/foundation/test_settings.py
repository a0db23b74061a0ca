"""Settings: odd ones are refused in a sentence, and the practice market shares nothing with the real one."""

import pytest

from config import Settings, read_settings
from marketplace.app import create_app


def test_the_practice_market_has_everything_of_its_own(tmp_path):
    real = Settings(
        instance_path=tmp_path, database_url="postgresql://real", media_url="s3://real", smtp_url="smtp://real",
        sms_gateway_url="https://real", sms_gateway_secret="real", bank_bin="970436", bank_account="123",
        bank_account_name="REAL", sepay_webhook_key="real",
    )  # fmt: skip
    # Asked first, so that nothing remembered can be carried over.
    seen = {real.database, real.media}
    practice = real.for_practice()
    assert {practice.database, practice.media}.isdisjoint(seen)
    said = practice.model_dump_json()
    assert "real" not in said.lower().replace(str(tmp_path).lower(), "")
    assert "970436" not in said
    assert practice.site_url.endswith("/practice")


def test_two_markets_in_one_process_keep_two_databases(tmp_path):
    real = create_app(Settings(app_env="test", instance_path=tmp_path))
    practice = create_app(real.extensions["settings"].for_practice())
    addresses = {app.config["SQLALCHEMY_DATABASE_URI"] for app in (real, practice)}
    assert addresses == {f"sqlite:///{tmp_path}/market.db", f"sqlite:///{tmp_path}/practice.db"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"APP_ENV": "produktion"}, "APP_ENV"),
        ({"APP_ENV": "production"}, "SECRET_KEY must be set"),
        ({"APP_ENV": "production", "SECRET_KEY": "k" * 40}, "PAPERS_KEY must be set"),
        (
            {"APP_ENV": "production", "SECRET_KEY": "k" * 40, "PAPERS_KEY": "A" * 43 + "=", "LIMITS": "off"},
            "LIMITS=off",
        ),
        ({"PAPERS_KEY": "p"}, "PAPERS_KEY"),
        ({"PAPERS_KEY": "A" * 43 + "=,short"}, "PAPERS_KEY"),
        ({"SITE_URL": "choque.example"}, "SITE_URL"),
        ({"SITE_URL": "https://choque.example"}, "APP_ENV=production"),
        ({"BANK_BIN": "970436"}, "BANK_ACCOUNT"),
        ({"SMS_GATEWAY_URL": "https://sms.example"}, "SMS_GATEWAY_SECRET"),
        ({"ZALO_TOKEN": "t"}, "ZALO_TEMPLATES"),
        ({"ZALO_TOKEN": "t", "ZALO_TEMPLATES": "training/nudge"}, "training/nudge=301"),
        ({"ZALO_TOKEN": "t", "ZALO_TEMPLATES": "a/b=1", "ZALO_GATEWAY_URL": "zalo"}, "ZALO_GATEWAY_URL"),
        ({"PROXIES": "many"}, "PROXIES"),
    ],
)
def test_an_odd_setting_stops_the_start_with_a_sentence(monkeypatch, wrong, said):
    monkeypatch.delenv("APP_ENV", raising=False)
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        read_settings()
    assert said in str(stopped.value)
    assert "\n" not in str(stopped.value)
