"""The world that a sandbox starts with: whom and what the demo and other tests rely on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from fullscript_sandbox import store
from fullscript_sandbox.settings import Settings

JUNIPER = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a101"
HARBOR_LIGHT = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a102"
CEDAR_STONE = "1f6a0c52-9b0e-4a57-8d4b-3c2e7d90a103"
TABLES_WITH_IDS = ("clinic", "user", "app", "patient", "product", "variant", "lab", "treatment_plan", "order")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A freshly seeded database."""
    with closing(planted(tmp_path_factory.mktemp("seed"))) as connection:
        yield connection


def planted(folder: Path, seed: int = 0) -> sqlite3.Connection:
    """Seed a data folder and open its database."""
    settings = Settings(data_dir=folder, seed=seed)
    store.open_or_make(settings)
    return sqlite3.connect(settings.database_file)


def every(data: sqlite3.Connection, query: str, *values: Any) -> list[Any]:
    """The rows of a query; with one column, its values."""
    rows = data.execute(query, values).fetchall()
    return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows


def test_an_empty_folder_is_ready_in_two_seconds(tmp_path: Path) -> None:
    """Nobody waits for invented data."""
    started = time.process_time()
    planted(tmp_path).close()

    assert time.process_time() - started < 2


def test_every_run_gives_the_same_ids(data: sqlite3.Connection, tmp_path: Path) -> None:
    """A link to a patient works tomorrow and on a colleague's machine."""
    with closing(planted(tmp_path)) as again:
        for table in TABLES_WITH_IDS:
            query = f'SELECT id FROM "{table}" ORDER BY id'

            assert every(again, query) == every(data, query), table


def test_another_seed_gives_other_ids(data: sqlite3.Connection, tmp_path: Path) -> None:
    """Two worlds do not mix."""
    query = "SELECT id FROM product"
    with closing(planted(tmp_path, seed=1)) as other:
        assert not set(every(other, query)) & set(every(data, query))


def test_the_clinics_have_ids_that_others_may_write_down(data: sqlite3.Connection) -> None:
    """Two in the United States, one in Canada."""
    assert set(every(data, "SELECT id, name, country FROM clinic")) == {
        (JUNIPER, "Juniper Integrative Health", "US"),
        (HARBOR_LIGHT, "Harbor Light Wellness", "US"),
        (CEDAR_STONE, "Cedar & Stone Naturopathic", "CA"),
    }


@pytest.mark.parametrize("clinic_id", [JUNIPER, HARBOR_LIGHT, CEDAR_STONE])
def test_a_clinic_has_one_owner_other_practitioners_and_staff(
    data: sqlite3.Connection, clinic_id: str
) -> None:
    """Every role can be met in every clinic."""
    people = every(data, "SELECT type, is_owner FROM user WHERE clinic_id = ?", clinic_id)

    assert people.count(("Practitioner", 1)) == 1
    assert ("Practitioner", 0) in people
    assert ("Staff", 0) in people


@pytest.mark.parametrize(
    ("first_name", "last_name", "count"),
    [
        pytest.param("Amelia", "Burton", 1, id="one"),
        pytest.param("Amos", "Burton", 2, id="two with the same name"),
        pytest.param("Amos", "Barton", 1, id="one nearly called so"),
        pytest.param("Noah", "Whitfield", 0, id="none"),
        pytest.param("June", "Iverson", 0, id="the one who shares an address"),
    ],
)
def test_juniper_has_the_patients_that_matching_is_shown_with(
    data: sqlite3.Connection, first_name: str, last_name: str, count: int
) -> None:
    """No match, one, several."""
    query = "SELECT id FROM patient WHERE clinic_id = ? AND first_name = ? AND last_name = ?"

    assert len(every(data, query, JUNIPER, first_name, last_name)) == count


def test_dependents_carry_their_guardians_address(data: sqlite3.Connection) -> None:
    """Jonas and Mila on Clara's e-mail."""
    query = "SELECT first_name, guardian_patient_id IS NULL FROM patient WHERE email = ? ORDER BY first_name"

    assert every(data, query, "clara.dietrich@mail.example") == [("Clara", 1), ("Jonas", 0), ("Mila", 0)]


def test_an_address_is_one_persons_within_a_clinic(data: sqlite3.Connection) -> None:
    """Except for dependents (field notes, P29)."""
    query = "SELECT clinic_id, email FROM patient WHERE guardian_patient_id IS NULL"
    addresses = every(data, query)

    assert len(addresses) == len(set(addresses))


def test_priya_has_a_past(data: sqlite3.Connection) -> None:
    """The patient who is linked from the start has plans and orders to show."""
    query = "SELECT count(*) FROM treatment_plan WHERE patient_id = '5f0c2b1e-7c1d-4b57-9d0f-3c6c3f2a9e11'"

    assert every(data, query)[0] > 0


@pytest.mark.parametrize(
    ("table", "least"),
    [
        ("brand", 25),
        ("category", 20),
        ("ingredient", 60),
        ("allergen", 10),
        ("supplement_type", 10),
        ("certification", 8),
        ("practitioner_type", 10),
        ("lab", 40),
        ("product", 220),
        ("patient", 60),
        ("address", 60),
        ("treatment_plan", 40),
        ('"order"', 30),
        ("lab_order", 15),
        ("lab_result", 8),
        ("protocol", 20),
        ("resource", 10),
    ],
)
def test_no_list_is_empty(data: sqlite3.Connection, table: str, least: int) -> None:
    """Every list of the API has something to show."""
    assert every(data, f"SELECT count(*) FROM {table}")[0] >= least


@pytest.mark.parametrize(
    ("column", "table", "values"),
    [
        ("status", "variant", {"available", "backordered", "unavailable"}),
        ("country", "product", {None, "US", "CA"}),
        ("status", "product", {"available", "unavailable"}),
        ("state", "treatment_plan", {"draft", "active", "cancelled"}),
        ("type", "line_item", {"supplement", "labs"}),
        ("current_state", "protocol", {"active", "draft", "cancelled"}),
    ],
)
def test_every_state_can_be_met(
    data: sqlite3.Connection, column: str, table: str, values: set[str | None]
) -> None:
    """What a client has to show, it can be shown with."""
    assert set(every(data, f"SELECT DISTINCT {column} FROM {table}")) == values


def test_labs_are_recommended_in_the_united_states_only(data: sqlite3.Connection) -> None:
    """The Canadian clinic has no lab order (guide: Labs)."""
    assert every(data, "SELECT id FROM lab_order WHERE clinic_id = ?", CEDAR_STONE) == []


def test_plans_hold_what_is_sold_in_the_clinics_country(data: sqlite3.Connection) -> None:
    """Nobody in Canada was recommended what is sold in the United States alone."""
    query = """
        SELECT count(*) FROM recommendation r JOIN treatment_plan t ON t.id = r.treatment_plan_id
        JOIN clinic c ON c.id = t.clinic_id JOIN variant v ON v.id = r.variant_id
        JOIN product p ON p.id = v.product_id WHERE p.country IS NOT NULL AND p.country != c.country
    """

    assert every(data, query) == [0]


def test_every_product_has_one_primary_size(data: sqlite3.Connection) -> None:
    """Lists show it."""
    query = 'SELECT sum("primary"), count(*) FROM variant GROUP BY product_id'
    counts = every(data, query)

    assert {primary for primary, _ in counts} == {1}
    assert {sizes for _, sizes in counts} == {1, 2, 3, 4}


def test_skus_and_order_numbers_do_not_repeat(data: sqlite3.Connection) -> None:
    """As in a real shop."""
    skus = every(data, "SELECT sku FROM variant")
    numbers = every(data, 'SELECT order_number FROM "order"')

    assert len(set(skus)) == len(skus)
    assert all(len(number) == 10 and number.startswith("R") for number in numbers)


def test_universal_product_codes_check_out(data: sqlite3.Connection) -> None:
    """A scanner would take them: the last digit is the check digit."""
    codes = [list(map(int, code)) for code in every(data, "SELECT upc FROM variant")]

    assert {(3 * sum(code[::2]) + sum(code[1::2])) % 10 for code in codes} == {0}


def test_nothing_lies_in_the_future(data: sqlite3.Connection) -> None:
    """Plans and orders of the past are past."""
    query = """
        SELECT created_at FROM treatment_plan UNION SELECT completed_at FROM "order"
        UNION SELECT created_at FROM patient UNION SELECT created_at FROM product
    """

    assert max(every(data, query)) <= every(data, "SELECT datetime('now')")[0]


def test_lab_results_are_documents(data: sqlite3.Connection) -> None:
    """A PDF from its first byte to its last."""
    files = every(data, "SELECT pdf FROM lab_result")

    assert all(file.startswith(b"%PDF-1.4") and file.endswith(b"%%EOF\n") for file in files)
