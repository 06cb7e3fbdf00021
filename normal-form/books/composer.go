package books

import (
	"encoding/json"
	"fmt"
	"path"
)

func isComposerInventory(name string) bool { return path.Base(name) == "installed.json" }

// isOnlyForPHP: Composer writes the same list for programs of PHP. It counts where the one that Trivy reads is gone.
func (l *lister) isOnlyForPHP(name string) bool {
	folder := path.Dir(name)
	if path.Base(name) != "installed.php" || path.Base(folder) != "composer" {
		return false
	}
	_, found := l.tree.Resolve(path.Join(folder, "installed.json"))
	return !found
}

// declareComposer reads what Composer has installed: a list, which since version 2 stands in an object. False if the file is something else.
func declareComposer(d *Declaration, text []byte) bool {
	d.Kind = Composer
	isComposers := path.Base(path.Dir(d.Path)) == "composer"
	list := json.RawMessage(text)
	if all, err := members(text); err == nil {
		list = last(all, "packages")
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(list, &entries); err != nil {
		if isComposers {
			d.Broken = fmt.Sprintf("it is no list of packages: %.100q; run composer install again", err)
		}
		return isComposers
	}
	for _, entry := range entries {
		fields, _ := members(entry)
		name, _ := textOf(last(fields, "name"))
		version, _ := textOf(last(fields, "version"))
		if name != "" && version != "" {
			d.Packages = append(d.Packages, Package{Name: name, Version: version})
		}
	}
	if len(d.Packages) == 0 {
		d.Nameless = "it lists no package"
	}
	return isComposers || len(d.Packages) > 0
}
