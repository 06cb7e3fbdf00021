//go:build linux

package scan

import (
	"encoding/json"
	"os"
	"time"
)

// runRecord is run.json: the last step, and how it ended.
type runRecord struct {
	Step       string `json:"step"`
	ExitCode   int    `json:"exitCode"`
	StartedAt  string `json:"startedAt"`
	FinishedAt string `json:"finishedAt"`
}

func writeRunRecord(file string, last step, begun, ended time.Time) error {
	text, err := json.Marshal(runRecord{last.name, last.code, inUTC(begun), inUTC(ended)})
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o666)
}

func inUTC(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
