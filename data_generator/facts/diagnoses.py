"""Diagnoses that lead to admissions, and chronic conditions.

Single ICD-10-CM, ICD-10-PCS and SNOMED CT codes with our own labels. Weights, death factors and
charges are assumed; describe.TARGETS checks their result.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_generator.facts.hospitals import WardKind


class Group(StrEnum):
    """What a diagnosis means for the measures."""

    ACUTE = "acute"  # never a planned admission, whatever the priority says
    OTHER = "other"  # unplanned unless the priority is elective
    ELECTIVE = "elective"  # admitted by appointment
    CHEMOTHERAPY = "chemotherapy"  # always planned; treatment of cancer
    CANCER = "cancer"  # medical treatment of cancer
    PSYCHIATRIC = "psychiatric"
    REHABILITATION = "rehabilitation"  # always planned
    DELIVERY = "delivery"  # always planned


class Pace(StrEnum):
    """The length of stay, compared with all stays."""

    SHORT = "short"
    USUAL = "usual"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Operation:
    """A procedure by SNOMED CT and ICD-10-PCS code; charge in US cents."""

    snomed: str
    pcs: str
    label: str
    charge: int


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A principal diagnosis; weights are relative, by age 0-17, 18-44, 45-64, 65 and over."""

    icd10: str
    snomed: str | None
    label: str
    group: Group
    weights: tuple[float, float, float, float]
    ward: WardKind = WardKind.MEDICINE
    pace: Pace = Pace.USUAL
    death: float = 1.0  # factor on the death rate of the age
    winter: bool = False
    sex: str | None = None
    operation: Operation | None = None


APPENDECTOMY = Operation("80146002", "0DTJ4ZZ", "Excision of appendix", 1_450_000)
CESAREAN = Operation("11466000", "10D00Z1", "Cesarean section", 1_380_000)
CHOLECYSTECTOMY = Operation("38102005", "0FT44ZZ", "Cholecystectomy", 1_620_000)
CORONARY_INTERVENTION = Operation(
    "415070008", "027034Z", "Percutaneous coronary intervention", 3_150_000
)
HIP_REPLACEMENT = Operation("52734007", "0SR90JZ", "Total replacement of hip", 3_480_000)
KNEE_REPLACEMENT = Operation("609588000", "0SRC0JZ", "Total replacement of knee joint", 3_320_000)
CHEMOTHERAPY = Operation("367336001", "3E03305", "Chemotherapy", 980_000)
UPPER_ENDOSCOPY = Operation("76009000", "0DJ08ZZ", "Esophagogastroduodenoscopy", 310_000)
DIALYSIS = Operation("302497006", "5A1D70Z", "Hemodialysis", 240_000)

_ACUTE, _OTHER, _ELECTIVE = Group.ACUTE, Group.OTHER, Group.ELECTIVE
_CARDIOLOGY, _SURGERY = WardKind.CARDIOLOGY, WardKind.SURGERY

DIAGNOSES = (
    Diagnosis("J18.9", "233604007", "Pneumonia", _ACUTE, (10, 3, 6, 10), death=1.6, winter=True),
    Diagnosis(
        "I50.9", "84114007", "Heart failure", _ACUTE, (0, 1.5, 7, 14), _CARDIOLOGY, death=1.2
    ),
    Diagnosis(
        "I21.9",
        "57054005",
        "Acute myocardial infarction",
        _ACUTE,
        (0, 1, 6, 6),
        _CARDIOLOGY,
        death=1.9,
        operation=CORONARY_INTERVENTION,
    ),
    Diagnosis("A41.9", "91302008", "Sepsis", _ACUTE, (2, 4, 10, 15), pace=Pace.LONG, death=2.8),
    Diagnosis(
        "N17.9",
        "14669001",
        "Acute kidney injury",
        _ACUTE,
        (0, 1.5, 4, 6),
        death=1.2,
        operation=DIALYSIS,
    ),
    Diagnosis("N39.0", "68566005", "Urinary tract infection", _ACUTE, (4, 2, 3, 7), death=0.4),
    Diagnosis(
        "I63.9", "422504002", "Ischemic stroke", _ACUTE, (0, 1, 5, 7), pace=Pace.LONG, death=1.9
    ),
    Diagnosis(
        "J44.1",
        "195951007",
        "Acute exacerbation of chronic obstructive pulmonary disease",
        _OTHER,
        (0, 0.5, 6, 7),
        death=0.8,
        winter=True,
    ),
    Diagnosis(
        "K80.00",
        "65275009",
        "Acute cholecystitis",
        _ACUTE,
        (0, 4, 3, 2),
        _SURGERY,
        death=0.3,
        operation=CHOLECYSTECTOMY,
    ),
    Diagnosis(
        "K92.2",
        "74474003",
        "Gastrointestinal hemorrhage",
        _OTHER,
        (1, 2, 4, 5),
        death=0.9,
        operation=UPPER_ENDOSCOPY,
    ),
    Diagnosis(
        "S72.001A",
        "5913000",
        "Fracture of neck of femur",
        _OTHER,
        (0, 0.3, 1.5, 6),
        _SURGERY,
        Pace.LONG,
        0.9,
        operation=HIP_REPLACEMENT,
    ),
    Diagnosis("L03.90", "128045006", "Cellulitis", _OTHER, (3, 4, 5, 3), death=0.15),
    Diagnosis(
        "I48.91", "49436004", "Atrial fibrillation", _OTHER, (0, 1, 4, 6), _CARDIOLOGY, death=0.3
    ),
    Diagnosis(
        "E10.10",
        "420422005",
        "Ketoacidosis due to diabetes mellitus",
        _OTHER,
        (4, 4, 2, 0.5),
        death=0.2,
    ),
    Diagnosis(
        "K35.80",
        "85189001",
        "Acute appendicitis",
        _OTHER,
        (10, 4, 2, 0.5),
        _SURGERY,
        Pace.SHORT,
        0.05,
        operation=APPENDECTOMY,
    ),
    Diagnosis(
        "J45.901",
        "281239006",
        "Exacerbation of asthma",
        _OTHER,
        (14, 2, 2, 1),
        pace=Pace.SHORT,
        death=0.1,
        winter=True,
    ),
    Diagnosis(
        "J21.9",
        "4120002",
        "Bronchiolitis",
        _OTHER,
        (16, 0, 0, 0),
        WardKind.CHILDREN,
        Pace.SHORT,
        0.05,
        winter=True,
    ),
    Diagnosis(
        "A09", "25374005", "Gastroenteritis", _OTHER, (8, 2, 2, 2), pace=Pace.SHORT, death=0.1
    ),
    Diagnosis(
        "F32.2",
        "370143000",
        "Major depressive disorder",
        Group.PSYCHIATRIC,
        (7, 8, 4, 0.7),
        pace=Pace.LONG,
        death=0.03,
    ),
    Diagnosis(
        "F20.9",
        "58214004",
        "Schizophrenia",
        Group.PSYCHIATRIC,
        (0, 4, 2, 0.3),
        pace=Pace.LONG,
        death=0.03,
    ),
    Diagnosis(
        "M17.11",
        "239873007",
        "Osteoarthritis of knee",
        _ELECTIVE,
        (0, 0.2, 7, 6),
        _SURGERY,
        Pace.SHORT,
        0.06,
        operation=KNEE_REPLACEMENT,
    ),
    Diagnosis(
        "M16.11",
        "239872002",
        "Osteoarthritis of hip",
        _ELECTIVE,
        (0, 0.2, 5, 5),
        _SURGERY,
        Pace.SHORT,
        0.06,
        operation=HIP_REPLACEMENT,
    ),
    Diagnosis(
        "K80.20",
        "235919008",
        "Gallbladder calculus",
        _ELECTIVE,
        (0, 2, 2, 1),
        _SURGERY,
        Pace.SHORT,
        0.06,
        operation=CHOLECYSTECTOMY,
    ),
    Diagnosis(
        "I25.10",
        "53741008",
        "Coronary arteriosclerosis",
        _ELECTIVE,
        (0, 0.3, 4, 4),
        _CARDIOLOGY,
        Pace.SHORT,
        0.2,
        operation=CORONARY_INTERVENTION,
    ),
    Diagnosis(
        "C34.90", "363358000", "Malignant tumor of lung", Group.CANCER, (0, 0.2, 2, 2), death=2.2
    ),
    Diagnosis(
        "C18.9",
        "363406005",
        "Malignant tumor of colon",
        Group.CANCER,
        (0, 0.2, 1.5, 1.5),
        death=1.6,
    ),
    Diagnosis(
        "O80",
        "48782003",
        "Normal delivery",
        Group.DELIVERY,
        (0.3, 62, 0, 0),
        WardKind.MATERNITY,
        Pace.SHORT,
        0.01,
        sex="female",
    ),
    Diagnosis(
        "O82",
        "200147006",
        "Delivery by cesarean section",
        Group.DELIVERY,
        (0, 28, 0, 0),
        WardKind.MATERNITY,
        Pace.USUAL,
        0.01,
        sex="female",
        operation=CESAREAN,
    ),
)

CHEMOTHERAPY_STAY = Diagnosis(
    "Z51.11",
    None,
    "Encounter for antineoplastic chemotherapy",
    Group.CHEMOTHERAPY,
    (0, 0, 0, 0),
    pace=Pace.SHORT,
    death=0.2,
    operation=CHEMOTHERAPY,
)
REHABILITATION_STAY = Diagnosis(
    "Z51.89",
    None,
    "Encounter for other specified aftercare",
    Group.REHABILITATION,
    (0, 0, 0, 0),
    pace=Pace.LONG,
    death=0.2,
)

NEEDS_REHABILITATION = ("I63.9", "S72.001A")


@dataclass(frozen=True, slots=True)
class ChronicCondition:
    """A condition of the problem list; share of people by age 0-17, 18-44, 45-64, 65 and over."""

    icd10: str
    snomed: str
    label: str
    shares: tuple[float, float, float, float]
    risk: float  # factor on the rate of admission


CHRONIC_CONDITIONS = (
    ChronicCondition("I10", "59621000", "Essential hypertension", (0, 0.1, 0.4, 0.65), 1.1),
    ChronicCondition("E11.9", "44054006", "Type 2 diabetes mellitus", (0, 0.04, 0.15, 0.25), 1.35),
    ChronicCondition("E78.5", "55822004", "Hyperlipidemia", (0, 0.07, 0.3, 0.45), 1.0),
    ChronicCondition(
        "N18.30", "433144002", "Chronic kidney disease stage 3", (0, 0.01, 0.05, 0.2), 1.6
    ),
    ChronicCondition(
        "J44.9", "13645005", "Chronic obstructive pulmonary disease", (0, 0.01, 0.07, 0.13), 1.6
    ),
    ChronicCondition("E66.9", "414916001", "Obesity", (0.1, 0.25, 0.3, 0.25), 1.05),
)
