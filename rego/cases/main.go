// cases writes OPA's own evaluation cases, which are part of its Go module, as lines of JSON:
//
//	go run ./cases > cases.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/open-policy-agent/opa/v1/test/cases"
)

type line struct {
	cases.TestCase
	Version string `json:"version"`
	// HasInput tells an input that is null from none.
	HasInput bool `json:"has_input"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "cases:", err)
		os.Exit(1)
	}
}

func run() error {
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/open-policy-agent/opa").Output()
	if err != nil {
		return fmt.Errorf("the module of OPA was not found: %w", err)
	}
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for _, version := range []string{"v0", "v1"} {
		set, err := cases.Load(filepath.Join(strings.TrimSpace(string(module)), "v1", "test", "cases", "testdata", version))
		if err != nil {
			return err
		}
		for _, each := range set.Cases {
			if err := encoder.Encode(line{each, version, each.Input != nil}); err != nil {
				return fmt.Errorf("%s: %w", each.Note, err)
			}
		}
	}
	return out.Flush()
}
