//go:build linux

package scan

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func shell(t *testing.T, script string) program {
	folder := t.TempDir()
	return program{
		path: "/bin/sh", args: []string{"-c", script}, environment: []string{"PATH=/usr/bin:/bin"}, folder: folder,
		errors: filepath.Join(folder, "errors"), limit: time.Minute, killAfter: time.Second,
	}
}

func (p program) startsBy(way syscall.SysProcAttr) bool {
	child := exec.Command(p.path)
	child.SysProcAttr = &way
	return child.Run() == nil
}

// isRunning: a process that has ended and that nobody has waited for does not run.
func isRunning(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err == nil && !strings.Contains(string(text), ") Z ")
}

func pidIn(t *testing.T, file string) int {
	t.Helper()
	for range 1000 {
		if text, err := os.ReadFile(file); err == nil && strings.HasSuffix(string(text), "\n") {
			pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			return pid
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("there is no ", file)
	return 0
}

func endsSoon(t *testing.T, pid int) {
	t.Helper()
	for range 1000 {
		if !isRunning(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(pid, " still runs")
}

func TestExitStatus(t *testing.T) {
	for script, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -KILL $$": 137, "kill -SEGV $$": 139} {
		if code := shell(t, script).run(context.Background()); code != want {
			t.Error(script, code)
		}
	}
	missing := shell(t, "")
	missing.path = "/nowhere/trivy"
	if code := missing.run(context.Background()); code != notStarted {
		t.Error(code)
	}
	if said, _ := os.ReadFile(missing.errors); !strings.Contains(string(said), "/nowhere/trivy") {
		t.Error(string(said))
	}
	if missing.isWithoutNetwork = true; missing.run(context.Background()) != notStarted {
		t.Error("started")
	}
}

func TestAProgramThatIsLateIsKilledWithAllThatItStarted(t *testing.T) {
	for name, script := range map[string]string{
		"obeys":                            "sleep 600 & echo $! > child; wait",
		"ignores TERM":                     "trap '' TERM; sleep 600 & echo $! > child; while :; do wait; done",
		"leaves a child that ignores TERM": "sh -c 'trap \"\" TERM; echo $$ > child; while :; do sleep 1; done' & while [ ! -s child ]; do sleep .01; done; wait",
	} {
		t.Run(name, func(t *testing.T) {
			p := shell(t, script)
			p.limit = time.Second
			if code := p.run(context.Background()); code != timedOut {
				t.Fatal(code)
			}
			endsSoon(t, pidIn(t, filepath.Join(p.folder, "child")))
		})
	}
}

func TestAProgramThatNobodyNeedsIsKilled(t *testing.T) {
	p := shell(t, "sleep 600 & echo $! > child; wait")
	ctx, stop := context.WithCancel(context.Background())
	child := make(chan int, 1)
	go func() {
		child <- pidIn(t, filepath.Join(p.folder, "child"))
		stop()
	}()
	if code := p.run(ctx); code != terminated {
		t.Fatal(code)
	}
	endsSoon(t, <-child)
	if code := p.run(ctx); code != terminated {
		t.Fatal(code)
	}
}

// In a process of its own, which is killed.
func TestAProgramEndsWithTheScan(t *testing.T) {
	if folder := os.Getenv("SCAN_THAT_IS_KILLED"); folder != "" {
		p := shell(t, "echo $$ > "+filepath.Join(folder, "child")+"; exec sleep 600")
		p.run(context.Background())
		return
	}
	folder := t.TempDir()
	scan := exec.Command(os.Args[0], "-test.run=^TestAProgramEndsWithTheScan$")
	scan.Env = append(os.Environ(), "SCAN_THAT_IS_KILLED="+folder)
	if err := scan.Start(); err != nil {
		t.Fatal(err)
	}
	pid := pidIn(t, filepath.Join(folder, "child"))
	scan.Process.Kill()
	scan.Wait()
	endsSoon(t, pid)
}
