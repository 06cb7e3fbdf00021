//go:build linux

package differential

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// What is installed is what the package managers themselves say: each reads the unpacked image, in a process that lives as long as the test.

//go:embed oracle
var oraclePrograms embed.FS

// installed is a package that its own manager lists.
type installed struct {
	kind          string   // as the books call it
	paths         []string // the file by all its names. Of a system's package there is none
	name, version string
}

// reader is a manager that reads files one by one.
type reader struct {
	kind     string
	command  []string
	wants    func(spelled string, head []byte) bool
	process  *conversation
	isMissed string // why it is not there
}

// oracle holds the conversations with all managers.
type oracle struct {
	container *conversation
	readers   []*reader
	silent    silence
}

// silence counts what managers of systems say when they list nothing.
type silence struct {
	sync.Mutex
	words map[string]int
}

func (s *silence) add(words string) {
	s.Lock()
	defer s.Unlock()
	if s.words == nil {
		s.words = map[string]int{}
	}
	s.words[words]++
}

func newOracle(folder string) (*oracle, error) {
	programs := filepath.Join(folder, "oracle")
	inside, err := oraclePrograms.ReadDir("oracle")
	if err == nil {
		err = os.MkdirAll(programs, 0o755)
	}
	for _, each := range inside {
		var text []byte
		if err == nil {
			text, err = oraclePrograms.ReadFile("oracle/" + each.Name())
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(programs, each.Name()), text, 0o644)
		}
	}
	if err != nil {
		return nil, err
	}
	tools, err := toolbox(filepath.Join(folder, "tools"))
	if err != nil {
		return nil, err
	}
	o := &oracle{readers: []*reader{
		{kind: "node-pkg", command: []string{"node", "node.js"}, wants: func(p string, _ []byte) bool { return path.Base(p) == "package.json" }},
		{kind: "jar", command: []string{"java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "Jars.java"}, wants: func(_ string, head []byte) bool { return len(head) > 21 }},
		{kind: "gemspec", command: []string{"ruby", "gems.rb"}, wants: func(p string, _ []byte) bool {
			folder := strings.TrimSuffix(path.Dir(p), "/default")
			return path.Ext(p) == ".gemspec" && path.Base(folder) == "specifications"
		}},
		{kind: "composer-vendor", command: []string{"php", "composer.php"}, wants: func(p string, _ []byte) bool { return strings.HasSuffix(p, "composer/installed.json") }},
	}}
	if o.container, err = converse(programs, "python3", "-X", "utf8", "container.py", tools); err != nil {
		return nil, err
	}
	for _, r := range o.readers {
		if _, err := exec.LookPath(r.command[0]); err != nil {
			r.isMissed = r.command[0] + " is not on this machine"
			continue
		}
		if r.process, err = converse(programs, r.command...); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (o *oracle) close() {
	o.container.close()
	for _, r := range o.readers {
		if r.process != nil {
			r.process.close()
		}
	}
}

// list asks all managers. Those that refuse to read what there is list nothing.
func (o *oracle) list(root string) (all []installed, err error) {
	files, err := filesIn(root)
	if err != nil {
		return nil, err
	}
	for _, r := range o.readers {
		if r.process == nil {
			continue
		}
		found, err := r.ask(files)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	for _, f := range files {
		all = append(all, packagesInProgram(f)...)
		all = append(all, packagesOfApk(f)...)
	}
	system, err := o.ofContainer(root, files)
	return append(all, system...), err
}

func (r *reader) ask(files []reachable) (all []installed, err error) {
	var asked []reachable
	var line []string
	for _, f := range files {
		if r.wants(f.spelled, f.head) {
			asked = append(asked, f)
			line = append(line, hex.EncodeToString([]byte(f.host)))
		}
	}
	if len(asked) == 0 {
		return nil, nil
	}
	answer, err := r.process.ask(strings.Join(line, " "))
	if err != nil {
		return nil, err
	}
	var found [][4]any
	if err := json.Unmarshal(answer, &found); err != nil {
		return nil, fmt.Errorf("%s: %w: %.300s", r.command[0], err, answer)
	}
	for _, f := range found {
		file := asked[int(f[0].(float64))]
		inside := f[1].(string)
		all = append(all, installed{r.kind, file.names(inside), f[2].(string), f[3].(string)})
	}
	return all, nil
}

// ofContainer are the packages of Python and of the system.
func (o *oracle) ofContainer(root string, files []reachable) (all []installed, err error) {
	line, err := o.container.ask(root)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Broken string
		Found  [][5]string
		Failed map[string]string
	}
	if err := json.Unmarshal(line, &answer); err != nil || answer.Broken != "" {
		return nil, fmt.Errorf("the oracle fails in the container: %w %s", err, answer.Broken)
	}
	for manager, words := range answer.Failed {
		o.silent.add(manager + ": " + lastWords(strings.TrimSpace(words)))
	}
	w := &walk{root: root}
	reached := map[string]reachable{}
	for _, f := range files {
		reached[asJSON(f.spelled)] = f
	}
	for _, f := range answer.Found {
		i := installed{f[0], nil, f[2], f[3]}
		if i.kind == "python-pkg" {
			i.paths = []string{f[1]}
			for _, name := range []string{"", "/METADATA", "/PKG-INFO"} { // the first that is not empty, as Python does
				if r, ok := reached[f[1]+name]; ok && len(r.head) > 0 {
					i.paths = r.names("")
					break
				}
				if real, kind := w.follow(f[1] + name); kind.IsRegular() && !isEmpty(filepath.Join(root, real)) { // over more links than reached has
					i.paths = reachable{spelled: f[1] + name, real: real, in: w}.names("")
					break
				}
			}
		}
		i.version = strings.TrimPrefix(i.version, "0:")
		all = append(all, i)
	}
	return all, nil
}

func isEmpty(file string) bool {
	info, err := os.Stat(file)
	return err != nil || info.Size() == 0
}
