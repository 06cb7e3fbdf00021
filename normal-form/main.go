// normal-form reads one container image by its digest, strictly and as a container runtime reads it, and writes what it read in one plain form
// that leaves a scanner nothing to guess.
//
//	normal-form [flags] DIGEST OUT SOURCE
//
//	SOURCE  the folder of an OCI layout, or <registry host>/<repository> (only in builds with the tag `registry`)
//	--max-bytes N    most bytes of all layers in the normal form
//	--max-entries N  most tar entries of all layers together
//
// It writes OUT/image, an OCI layout, OUT/inventory.json, which lists what the image declares to have installed, and OUT/form.json, also if it fails.
//
//	normal-form account [--advisories FILE] OUT REPORT
//
// After the scan it writes OUT/accounting.json: how each file of the inventory is answered by Trivy's report. FILE is Trivy's database. Exit status: 0 written; 3 refused, the image is at fault; 1 the image
// could not be read. On failure one line on standard error says why; form.json has the same words, and a cause for programs.
//
//	normal-form scan JOB
//
// In a deployed build it is the whole scan (only in builds with the tag `registry`): see the package scan.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"normal-form/books"
)

const (
	exitUnread  = 1
	exitRefused = 3

	inventoryFile = "inventory.json"
	// softMemory makes the garbage collector work harder before the build's memory is at risk.
	softMemory = 384 << 20
)

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "account":
			os.Exit(account(os.Args[2:]))
		case "scan":
			os.Exit(scanBuild(os.Args[2:]))
		}
	}
	limits := options{}
	flag.Int64Var(&limits.maxBytes, "max-bytes", defaultMaxBytes, "most bytes of all layers in the normal form")
	flag.Int64Var(&limits.maxEntries, "max-entries", defaultMaxEntries, "most tar entries of all layers together")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: normal-form [--max-bytes N] [--max-entries N] DIGEST OUT SOURCE")
		flag.PrintDefaults()
	}
	flag.CommandLine.Init("normal-form", flag.ContinueOnError)
	if err := flag.CommandLine.Parse(os.Args[1:]); err != nil || flag.NArg() != 3 {
		if err == nil {
			flag.Usage()
		}
		os.Exit(exitUnread)
	}
	debug.SetMemoryLimit(softMemory)
	os.Exit(run(flag.Arg(0), flag.Arg(1), flag.Arg(2), limits))
}

// run writes form.json whatever happens, and gives the exit status.
func run(digest, folder, name string, limits options) int {
	f, err := form{}, os.MkdirAll(folder, 0o755)
	var from source
	if err == nil {
		from, err = sourceOf(name)
	}
	if err == nil {
		f, err = makeForm(from, digest, folder, limits)
	}
	if err == nil {
		err = books.WriteInventory(filepath.Join(folder, inventoryFile), f.declared)
	}
	if err != nil {
		why := failureOf(err)
		why.Detail = oneLine(why.Detail)
		f = form{Version: formVersion, Failure: &why}
	}
	if e := f.write(folder); e != nil && f.Failure == nil {
		f.Failure = &failure{scannerFailed, oneLine(e.Error())}
	}
	if f.Failure == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, f.Failure.Detail)
	if f.Failure.Cause == unscannable {
		return exitRefused
	}
	return exitUnread
}
