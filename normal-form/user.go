package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// user is what the image's own /etc/passwd makes of the user in the config. Whether that is root, and what a number alone means, is decided by who
// reads form.json. The group is not looked at: no runtime takes a user from it, and group 0 alone is not root.
type user struct {
	// Name is the part of config.User before the colon: a name, or a number that a line for root has for a name.
	Name string `json:"name"`
	UID  *int64 `json:"uid,omitempty"`
	// Line is where the image says so, from 1 on.
	Line int `json:"line,omitempty"`
	// Unknown is why no id can be named that holds in every runtime.
	Unknown string `json:"unknown,omitempty"`
}

const (
	passwdPath = "etc/passwd"
	// maxPasswd is what containerd and moby/sys read at most, maxPasswdLine the buffer of the scanner that both use.
	maxPasswd     = 10 << 20
	maxPasswdLine = 64 << 10
)

// resolveUser looks the user up; nil if the config names none, or a number that is not root's name.
func (i *image) resolveUser(root *node) (*user, error) {
	name := i.config.user()
	if name == "" {
		return nil, nil
	}
	_, err := strconv.ParseInt(name, 10, 64)
	isNumber := err == nil
	passwd, why, err := i.passwd(root)
	if err != nil {
		return nil, err
	}
	found := lookUp(name, passwd, why)
	if isNumber && (found.Line == 0 || found.UID != nil && *found.UID != 0) {
		return nil, nil // numbers need no line
	}
	return &found, nil
}

// passwd gives the content of the image's /etc/passwd, or why it is not the same in every runtime.
// containerd opens it below os.Root, Docker and Podman join paths securely, older ones clean link targets first: only where a path that is walked
// and one that is joined end at the same file do all of them read that file.
func (i *image) passwd(root *node) (content []byte, why string, err error) {
	cost := &spending{of: i.budget}
	at, n := follow(root, passwdPath, cost)
	if err := cost.steps(0); err != nil {
		return nil, "", err
	}
	joined, err := (&tree{root}).resolve(passwdPath, cost)
	switch {
	case err != nil && !isRefused(err):
		return nil, "", err
	case err != nil || n != nil && strings.Join(joined, "/") != at:
		return nil, "/etc/passwd is a link that runtimes follow differently", nil
	case n == nil:
		return nil, "the image has no /etc/passwd, or a link to nothing", nil
	case !n.isFile():
		return nil, "/etc/passwd is no file", nil
	case n.size > maxPasswd:
		return nil, fmt.Sprintf("/etc/passwd has more than the %d bytes that runtimes read", maxPasswd), nil
	}
	content, err = io.ReadAll(io.NewSectionReader(i.layers[n.layer].file, n.data, n.size))
	return content, "", err
}

// lookUp takes the first line with that name, as moby/sys/user does for Docker, containerd, Podman and CRI-O. A reader that trims names, or takes the
// last line, takes another: one that could be root counts wherever it stands.
func lookUp(name string, passwd []byte, why string) user {
	if why != "" {
		return user{Name: name, Unknown: why}
	}
	var first user
	for at, line := range bytes.Split(passwd, []byte("\n")) {
		if len(line) >= maxPasswdLine {
			return user{Name: name, Unknown: fmt.Sprintf("line %d of /etc/passwd is longer than runtimes read", at+1)}
		}
		fields := strings.Split(string(bytes.TrimSpace(line)), ":")
		if strings.TrimSpace(fields[0]) != name {
			continue
		}
		entry := user{Name: name, Line: at + 1}
		uid, plain := idOf(fields)
		if !plain {
			entry.Unknown = fmt.Sprintf("line %d of /etc/passwd has no number from 0 to %d for it, and runtimes make 0 of some others", at+1, math.MaxInt32)
			return entry
		}
		entry.UID = &uid
		if uid == 0 {
			return entry
		}
		if first.Line == 0 && fields[0] == name {
			first = entry
		}
	}
	if first.Line == 0 {
		return user{Name: name, Unknown: "/etc/passwd does not name it, so runtimes do not start the image"}
	}
	return first
}

// idOf is the third field. moby/sys/user takes 0 for what is missing or no number, and containerd keeps 32 bits of what is one.
func idOf(fields []string) (int64, bool) {
	if len(fields) < 3 {
		return 0, false
	}
	id, err := strconv.ParseInt(fields[2], 10, 64)
	return id, err == nil && id >= 0 && id <= math.MaxInt32
}

// user is the part of the config's user that names one; "" if there is none.
func (c config) user() string {
	inner, ok := c.object.values["config"].(*object)
	if !ok {
		return ""
	}
	whole, _ := inner.values["User"].(string)
	name, _, _ := strings.Cut(whole, ":")
	return name
}
