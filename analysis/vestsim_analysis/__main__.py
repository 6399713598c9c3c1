"""python3 -m vestsim_analysis figures OUT.h5 -o DIR [--lang nb|en]
python3 -m vestsim_analysis validation TODAY.h5 --reference FILE.csv -o PAGE.md --figures DIR"""
import argparse
import sys

from .run import RunError, open_run


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        print(f"vestsim_analysis: error: {message}", file=sys.stderr)
        sys.exit(1)


def main(arguments=None):
    parser = Parser(prog="vestsim_analysis", description="Figures and tables from Vestsim's results files.")
    commands = parser.add_subparsers(dest="command", required=True)
    figures = commands.add_parser("figures", help="every figure as PNG and SVG, with the CSV table behind it")
    figures.add_argument("results", metavar="OUT.h5")
    figures.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for the files; made if it is not there")
    figures.add_argument("--lang", choices=("nb", "en"), default="nb", help="language of the figures (default nb)")
    page = commands.add_parser("validation", help="a page that holds the base year against reference values, with figures")
    page.add_argument("results", metavar="TODAY.h5")
    page.add_argument("--reference", required=True, metavar="FILE.csv", help="reference values; profiles.csv stands beside it")
    page.add_argument("-o", "--output", required=True, metavar="PAGE.md")
    page.add_argument("--figures", required=True, metavar="DIR", help="folder for the figures; made if it is not there")
    page.add_argument("--date", metavar="YYYY-MM-DD", help="date of the results file, which carries none so that equal input gives equal bytes")
    page.add_argument("--elasticities", metavar="FILE.json", help="what tests/golden/vestby_elasticities.py --json FILE.json wrote")
    page.add_argument("--exact", metavar="FILE.csv", help="table of the exact cases that tests assert")
    options = parser.parse_args(arguments)
    try:
        run = open_run(options.results)
        if options.command == "validation":
            from .validation import write
            for path in write(run, options.reference, options.output, options.figures, options.date, options.elasticities, options.exact):
                print(path)
            return 0
        from .figures import draw  # matplotlib takes a second to load: not for a wrong file
        written, left_out = draw(run, options.output, options.lang)
    except (RunError, OSError) as error:
        print(f"vestsim_analysis: error: {error}", file=sys.stderr)
        return 2
    for path in written:
        print(path)
    for name, reason in left_out.items():
        print(f"vestsim_analysis: {name} was left out: {reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
