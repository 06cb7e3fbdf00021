//go:build linux

package scan

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// As `timeout` and shells say it.
const (
	timedOut   = 124
	notStarted = 127
	bySignal   = 128
	terminated = bySignal + int(syscall.SIGTERM)
)

// program is one program with all that it gets. What it says on standard error goes into a file.
type program struct {
	path              string
	args, environment []string
	folder            string
	stdout            *os.File
	errors            string
	limit, killAfter  time.Duration
	isWithoutNetwork  bool
}

// run runs it to its end, and kills it with all that it started if the time is up or the context is done. It gives the exit status.
func (p program) run(ctx context.Context) int {
	// the kernel kills the program when the thread that started it ends
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	errors, err := os.Create(p.errors)
	if err != nil {
		return notStarted
	}
	defer errors.Close()
	if ctx.Err() != nil {
		return terminated
	}
	child, err := p.start(errors)
	if err != nil {
		fmt.Fprintln(errors, err)
		return notStarted
	}
	ended := make(chan struct{})
	go func() {
		child.Wait()
		close(ended)
	}()
	limit := time.NewTimer(p.limit)
	defer limit.Stop()
	var code int
	select {
	case <-ended:
		return exitCode(child.ProcessState)
	case <-limit.C:
		code = timedOut
	case <-ctx.Done():
		code = terminated
	}
	group := -child.Process.Pid
	syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(p.killAfter):
	}
	syscall.Kill(group, syscall.SIGKILL)
	<-ended
	return code
}

// start takes the first way in which the machine lets the program start.
func (p program) start(errors *os.File) (child *exec.Cmd, err error) {
	ways := []syscall.SysProcAttr{{}}
	if p.isWithoutNetwork {
		ways = withoutNetwork()
	}
	for _, way := range ways {
		way.Setpgid = true
		way.Pdeathsig = syscall.SIGKILL
		child = exec.Command(p.path, p.args...)
		child.Env, child.Dir, child.Stderr, child.SysProcAttr = p.environment, p.folder, errors, &way
		if p.stdout != nil {
			child.Stdout = p.stdout
		}
		if err = child.Start(); err == nil {
			return child, nil
		}
	}
	return nil, err
}

// withoutNetwork is a network namespace of its own: as root, or else in a user namespace. Where a machine allows neither, the proxies in the
// environment lead nowhere.
func withoutNetwork() []syscall.SysProcAttr {
	itself := func(id int) []syscall.SysProcIDMap {
		return []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
	}
	return []syscall.SysProcAttr{
		{Cloneflags: syscall.CLONE_NEWNET},
		{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER, UidMappings: itself(os.Getuid()), GidMappings: itself(os.Getgid())},
		{},
	}
}

func exitCode(state *os.ProcessState) int {
	if status := state.Sys().(syscall.WaitStatus); status.Signaled() {
		return bySignal + int(status.Signal())
	}
	return state.ExitCode()
}
