package books

import (
	"path"
	"strings"
)

// mostLinks that are followed on one way, as the kernel does.
const mostLinks = 40

// leadsToKernel: whether the way to a path goes through /proc or /dev. What is there is known in a container only: /proc/self/cwd is its working
// folder, and so a link to /proc/self/cwd/opt/a is the file opt/a.
func leadsToKernel(tree Tree, to string) bool {
	todo, at := strings.Split(to, "/"), ""
	for links := 0; len(todo) > 0 && links <= mostLinks; {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = path.Join("/", at, "..")[1:]
			continue
		}
		next := path.Join(at, name)
		if next == "proc" || next == "dev" {
			return true
		}
		target, isLink := tree.Link(next)
		if !isLink {
			at = next
			continue
		}
		links++
		if path.IsAbs(target) {
			at = ""
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return false
}
