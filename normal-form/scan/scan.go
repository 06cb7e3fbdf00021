//go:build linux

package scan

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// reader is this program itself, whatever lies by now where it was started from.
const reader = "/proc/self/exe"

// scanner takes one image through all steps.
type scanner struct {
	job
	image
	begun time.Time
	// folder is new, and has nothing but what the job names: Trivy starts in it, and would obey a file that somebody left there.
	folder string
	trivy  string
	// forRegistries and hermetic are the two environments that programs get.
	forRegistries, hermetic []string
	log                     io.Writer
	wait                    func(context.Context, time.Duration) // tests need no patience
}

// step is how a step ended, and the file with what was said on standard error.
type step struct {
	name   string
	code   int
	errors string
}

// Run scans the images that the variables of the build name, in the folder of the job. It gives the checksum of each image's checksums.
func Run(ctx context.Context, jobFile string, variable func(string) string, log io.Writer) ([]string, error) {
	job, err := readJob(jobFile)
	if err != nil {
		return nil, err
	}
	images, err := imagesOf(variable)
	if err != nil {
		return nil, err
	}
	sums := make([]string, len(images))
	for n, image := range images {
		s, err := newScanner(job, image, filepath.Dir(jobFile), variable, log)
		if err != nil {
			return nil, err
		}
		if sums[n], err = s.scanImage(ctx); err != nil {
			return nil, err
		}
	}
	return sums, nil
}

func newScanner(job job, image image, home string, variable func(string) string, log io.Writer) (*scanner, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, err
	}
	trivy, err := exec.LookPath("trivy")
	if err != nil {
		return nil, fmt.Errorf("there is no trivy on PATH (%w): take Trivy's own image for the scanner image", err)
	}
	return &scanner{
		job: job, image: image, begun: time.Now(), log: log, wait: waitFor,
		folder: filepath.Join(home, image.scanID), trivy: trivy,
		forRegistries: registryEnvironment(job.RegistryVariables, home, variable),
		hermetic:      hermeticEnvironment(job.HermeticVariables, home),
	}, nil
}

func (s *scanner) scanImage(ctx context.Context) (string, error) {
	if err := s.makeFolders(); err != nil {
		return "", err
	}
	last, err := s.readAndDownload(ctx)
	if err != nil {
		return "", err
	}
	versionKnown := s.askVersion(ctx)
	if last.code == 0 {
		last = s.scanAndAccount(ctx)
	}
	if err := s.keepErrors(last.errors); err != nil {
		return "", err
	}
	if last.code == 0 {
		if err := s.keepReport(ctx); err != nil {
			return "", err
		}
	}
	<-versionKnown
	if ctx.Err() != nil {
		return "", fmt.Errorf("the scan was stopped: %w", context.Cause(ctx))
	}
	if err := writeRunRecord(s.result("run.json"), last, s.begun, time.Now()); err != nil {
		return "", err
	}
	return writeChecksums(s.out)
}

func (s *scanner) makeFolders() error {
	for _, folder := range []string{s.folder, s.out} {
		if err := os.Mkdir(folder, 0o777); err != nil {
			return err
		}
	}
	for name, content := range s.Files {
		if err := os.WriteFile(filepath.Join(s.folder, s.fill(name)[0]), []byte(content), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// readAndDownload does both at once. Where the image is not read, nobody needs the database. The Java database comes only where the image has
// archives of Java.
func (s *scanner) readAndDownload(ctx context.Context) (step, error) {
	downloading, stop := context.WithCancel(ctx)
	defer stop()
	downloaded := make(chan step, 1)
	go func() { downloaded <- s.download(downloading, s.Download.Vulnerabilities) }()
	read := s.withRegistry(ctx, "read", reader, s.Read)
	if read.code != 0 {
		stop()
	}
	last := <-downloaded
	if read.code != 0 {
		return read, s.keepIfThere("form.json")
	}
	if err := s.keep("form.json"); err != nil || last.code != 0 {
		return last, err
	}
	if hasJava, err := hasJavaArchives(s.result("form.json")); err != nil || !hasJava {
		return last, err
	}
	return s.download(ctx, s.Download.Java), nil
}

// askVersion writes version.json beside the scan: the report names neither the database nor its age.
func (s *scanner) askVersion(ctx context.Context) <-chan struct{} {
	known := make(chan struct{})
	go func() {
		defer close(known)
		answer, err := os.Create(s.result("version.json"))
		if err != nil {
			return
		}
		defer answer.Close()
		version := s.program(s.trivy, s.Version, s.hermetic, "version")
		version.stdout, version.limit, version.killAfter = answer, s.VersionSeconds.Duration, s.VersionKillAfterSeconds.Duration
		s.take(ctx, "version", version)
	}()
	return known
}

func (s *scanner) scanAndAccount(ctx context.Context) step {
	scanned := s.withoutNetwork(ctx, "scan", s.trivy, s.Scan)
	if scanned.code != 0 {
		return scanned
	}
	accounted := s.withoutNetwork(ctx, "account", reader, s.Account)
	if accounted.code == 0 {
		accounted.errors = scanned.errors // what Trivy could not look up
	}
	return accounted
}

// keepErrors also shows them in the log of the build.
func (s *scanner) keepErrors(file string) error {
	text, err := excerpt(file, s.Signs, s.ErrorBytes)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.log, "%s\n", text)
	return os.WriteFile(s.result("trivy.err"), text, 0o666)
}

// keepReport keeps report and accounting. A report without an SBOM is a report.
func (s *scanner) keepReport(ctx context.Context) error {
	if err := s.keep("accounting.json"); err != nil {
		return err
	}
	compressed := make(chan error, 1)
	go func() { compressed <- compress(filepath.Join(s.folder, "report.json"), s.result("report.json.gz")) }()
	var err error
	if converted := s.withoutNetwork(ctx, "convert", s.trivy, s.Convert); converted.code == 0 {
		err = compress(filepath.Join(s.folder, "sbom.cdx.json"), s.result("sbom.cdx.json.gz"))
	}
	if e := <-compressed; e != nil {
		return e
	}
	return err
}

// withRegistry runs a program that talks to registries.
func (s *scanner) withRegistry(ctx context.Context, name, path string, arguments []string) step {
	return s.take(ctx, name, s.program(path, arguments, s.forRegistries, name))
}

// withoutNetwork runs a program that looks at a stranger's files.
func (s *scanner) withoutNetwork(ctx context.Context, name, path string, arguments []string) step {
	p := s.program(path, arguments, s.hermetic, name)
	p.isWithoutNetwork = true
	return s.take(ctx, name, p)
}

func (s *scanner) take(ctx context.Context, name string, p program) step {
	begun := time.Now()
	code := p.run(ctx)
	fmt.Fprintf(s.log, "%s: exit code %d after %.2f s\n", name, code, time.Since(begun).Seconds())
	return step{name, code, p.errors}
}

func (s *scanner) program(path string, arguments, environment []string, name string) program {
	return program{
		path: path, args: s.fill(arguments...), environment: environment, folder: s.folder,
		errors: fmt.Sprintf("%s.%s.err", s.folder, name),
		limit:  s.left(), killAfter: s.KillAfterSeconds.Duration,
	}
}

// left is what remains of the time of all steps. Each step gets a second.
func (s *scanner) left() time.Duration {
	return max(time.Second, s.Seconds.Duration-time.Since(s.begun))
}

func (s *scanner) result(name string) string { return filepath.Join(s.out, name) }
