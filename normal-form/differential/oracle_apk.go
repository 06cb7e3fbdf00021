//go:build linux

package differential

import (
	"os"
	"strings"
)

// apkLine is the longest line that apk-tools read.
const apkLine = 128 << 10

// packagesOfApk reads a database as apk-tools 2 do, which this machine does not have: a line of less than two letters ends a package, of a field that
// is there twice the last counts, what has no end is no package, and whatever is no field makes the database unreadable.
func packagesOfApk(f reachable) (all []installed) {
	if f.spelled != "lib/apk/db/installed" {
		return nil
	}
	text, err := os.ReadFile(f.host)
	if err != nil {
		return nil
	}
	var name, version string
	lines := strings.Split(string(text), "\n")
	for _, line := range lines[:len(lines)-1] {
		switch {
		case len(line) > apkLine:
			return nil
		case len(line) < 2:
			if name != "" && version != "" {
				all = append(all, installed{"apk", nil, name, version})
			}
			name, version = "", ""
		case line[1] != ':':
			return nil
		case line[0] == 'P':
			name = line[2:]
		case line[0] == 'V':
			version = line[2:]
		}
	}
	return all
}
