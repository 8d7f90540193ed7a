"""Whether Schemathesis got through to what it tests: all that it was refused, it takes for well answered.
`floor.py REPORT SAID`, its report as JSON and what it printed, which alone has the links."""
import json
import pathlib
import re
import sys

# Seed 1 with 40 examples makes 2 400 cases, of which each operation accepts 11 or more, and follows 17 of 19 links. Other
# seeds follow 12 or more.
CASES, ACCEPTED, LINKS = 1500, 5, 8

report = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
said = pathlib.Path(sys.argv[2]).read_text(encoding="utf-8")
operations, cases = report["operations"], report["test_cases"]["generated"]
accepted = {operation: sum(phase["accepted"] for phase in phases.values())
            for operation, phases in report["valid_rates"].items()}
links = re.search(r"API Links: +([0-9]+) covered", said)

wrong = [f"{operation} accepted {count} valid requests" for operation, count in accepted.items() if count < ACCEPTED]
if not operations["total"] == operations["tested"] == len(accepted):
    wrong.append(f"of {operations['total']} operations {operations['tested']} were tested, and {len(accepted)} accept")
if cases < CASES:
    wrong.append(f"there were {cases} cases")
if not links or int(links[1]) < LINKS:
    wrong.append(f"it followed {links[1] if links else 'no'} links")
if wrong:
    sys.exit("schemathesis: too little was tested:\n" + "\n".join(wrong))
print(f"schemathesis: each operation accepted {min(accepted.values())} valid requests or more; {links[1]} links")
