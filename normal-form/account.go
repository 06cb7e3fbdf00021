package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"normal-form/books"
)

const accountUsage = "usage: normal-form account [--advisories FILE] OUT REPORT"

// account writes OUT/accounting.json after a scan, and gives the exit status: how each file that OUT/inventory.json lists is answered by the report.
func account(args []string) int {
	flags := flag.NewFlagSet("normal-form account", flag.ContinueOnError)
	advisories := flags.String("advisories", "", "Trivy's database; without it no file is the distribution's own")
	flags.Usage = func() { fmt.Fprintln(flags.Output(), accountUsage) }
	if err := flags.Parse(args); err != nil || flags.NArg() != 2 {
		if err == nil {
			flags.Usage()
		}
		return exitUnread
	}
	if err := writeAccounting(flags.Arg(0), flags.Arg(1), *advisories); err != nil {
		fmt.Fprintln(os.Stderr, oneLine(err.Error()))
		return exitUnread
	}
	return 0
}

func writeAccounting(folder, reportFile, advisories string) error {
	declarations, err := books.ReadInventory(filepath.Join(folder, inventoryFile))
	if err != nil {
		return err
	}
	report, err := books.ReadReport(reportFile)
	if err != nil {
		return err
	}
	isDistributions, err := distributionsIn(advisories)
	if err != nil {
		return err
	}
	return books.Account(declarations, report, isDistributions).Write(filepath.Join(folder, "accounting.json"))
}

// distributionsIn reads the advisories of Trivy's database. Without a file nothing is the distribution's, and all stays visible.
func distributionsIn(name string) (books.Distributions, error) {
	if name == "" {
		return nil, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	advisories, err := books.OpenAdvisories(file, info.Size())
	if err != nil {
		return nil, err
	}
	return func(owner books.Owner, family, release string) bool {
		return books.IsDistributions(advisories, family, release, owner)
	}, nil
}
