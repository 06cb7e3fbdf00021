package books

import (
	"path"
	"slices"
	"strings"
)

// mostLinks that are followed on one way, as the kernel does.
const mostLinks = 40

// wayTo walks to a path, and calls each with the next place before it is looked at: a place that the path names, or one that a link on the way does.
// The way ends where each says no. It gives the link that was followed last if there are too many of them.
func wayTo(tree Tree, to string, each func(next, link string) bool) (tooMany string) {
	todo, at, link := strings.Split(to, "/"), "", ""
	own := len(todo) // of what is left, the parts of the path itself
	for links := 0; len(todo) > 0; {
		name := todo[0]
		if len(todo) <= own {
			own, link = len(todo)-1, ""
		}
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = path.Join("/", at, "..")[1:]
			continue
		}
		next := path.Join(at, name)
		if !each(next, link) {
			return ""
		}
		target, isLink := tree.Link(next)
		if !isLink {
			at = next
			continue
		}
		link = next
		if links++; links > mostLinks {
			return link
		}
		if path.IsAbs(target) {
			at = ""
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return ""
}

// leadsToKernel: whether the way to a path goes through /proc or /dev. What is there is known in a container only: /proc/self/cwd is its working
// folder, and so a link to /proc/self/cwd/opt/a is the file opt/a.
func leadsToKernel(tree Tree, to string) (leads bool) {
	wayTo(tree, to, func(next, _ string) bool {
		leads = next == "proc" || next == "dev"
		return !leads
	})
	return leads
}

// lostLink is the link on the way to a path that leads to nothing in the image, or in circles; empty if there is none. A folder that has no such name
// is no loss, wherever links lead to it.
func lostLink(tree Tree, to string) (lost string) {
	tooMany := wayTo(tree, to, func(next, link string) bool {
		isThere := slices.Contains(tree.Names(path.Dir("/" + next)[1:]), path.Base(next))
		if !isThere {
			lost = link
		}
		return isThere
	})
	return lost + tooMany
}
