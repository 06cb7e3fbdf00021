//go:build linux

package differential

import (
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// The runtimes unpack in a process of their own: some images make one of them hang or panic, and what they mount must be gone afterwards.

const (
	unpackVariable = "DIFFERENTIAL_UNPACK"
	// patience is how long one runtime may take for a few small files.
	patience = 10 * time.Second
)

// unpacked is what one runtime made of an image.
type unpacked struct {
	Runtime string
	Tree    tree
	Refusal string // its words, if it does not unpack the image
	Broken  bool   // it is this test that failed, not the image
}

// unpackAside gives what each runtime makes of an image. A runtime that hangs or panics has not unpacked it.
func unpackAside(layout, digest, work string) ([]unpacked, error) {
	var all []unpacked
	for len(all) < len(runtimes()) {
		some, why, err := unpackFrom(len(all), layout, digest, work)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(all) < len(runtimes()) {
			all = append(all, unpacked{Runtime: runtimes()[len(all)].name, Refusal: why})
		}
	}
	for _, r := range all {
		if r.Broken {
			return nil, fmt.Errorf("%s: %s", r.Runtime, r.Refusal)
		}
	}
	return all, nil
}

// unpackFrom starts with that runtime, and ends with the last one, or with one that hangs or panics.
func unpackFrom(start int, layout, digest, work string) (results []unpacked, why string, err error) {
	cmd := exec.Command("/proc/self/exe", strconv.Itoa(start), layout, digest, work)
	cmd.Env = []string{unpackVariable + "=1", "HOME=" + work, "TMPDIR=" + os.TempDir(), "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Unshareflags: syscall.CLONE_NEWNS}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, "", err
	}
	hung := atomic.Bool{}
	timer := time.AfterFunc(patience, func() {
		hung.Store(true)
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	})
	for d := gob.NewDecoder(out); ; timer.Reset(patience) {
		var r unpacked
		if err = d.Decode(&r); err != nil {
			break
		}
		results = append(results, r)
	}
	timer.Stop()
	ended := cmd.Wait()
	words, panicked := strings.CutPrefix(errs.String(), "panic: ")
	switch {
	case hung.Load():
		return results, "hangs", nil
	case panicked && ended != nil && start+len(results) < len(runtimes()):
		return results, "panics: " + strings.SplitN(words, "\n", 2)[0], nil
	case ended != nil || !errors.Is(err, io.EOF):
		return nil, "", fmt.Errorf("unpacking ended with %v after %d runtimes: %w: %.3000s", ended, len(results), err, errs.String())
	}
	return results, "", nil
}

// unpackHere is that process.
func unpackHere() {
	start, _ := strconv.Atoi(os.Args[1])
	layout, digest, work := os.Args[2], os.Args[3], os.Args[4]
	to := gob.NewEncoder(os.Stdout)
	s, openError := openStored(layout, digest)
	for i, r := range runtimes()[start:] {
		u := unpacked{Runtime: r.name}
		own := filepath.Join(work, strconv.Itoa(start+i))
		err := openError
		if err == nil {
			if err = os.MkdirAll(own, 0o755); err != nil {
				u.Broken = true
			} else if u.Tree, err = r.unpack(context.Background(), s, own); errors.Is(err, errBroken) {
				u.Broken = true
			}
		}
		if err != nil {
			u.Refusal = cmp.Or(err.Error(), "refused")
			u.Tree = nil
		}
		if err := to.Encode(u); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
