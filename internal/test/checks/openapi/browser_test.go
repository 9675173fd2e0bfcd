package openapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// TestDocsInBrowser opens / in a browser, at the root, and behind a stage for callers with a token, which a form of the
// page asks for. The page shows every operation and can send requests. It sends requests to the API only and reports no
// errors. Only the first page has all tables and lists rows, because a page takes seconds to show an operation.
func TestDocsInBrowser(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("opens a browser, skipped with -short")
	}
	chromium := openBrowser(t)
	t.Run("at the root", func(t *testing.T) {
		b := newTab(t, chromium)
		address := b.tryDocs("", "", blog.Tables)
		b.listNotes(address)
		b.close(address)
	})
	t.Run("behind a stage, with a token", func(t *testing.T) {
		b := newTab(t, chromium)
		b.close(b.tryDocs("/prod", "open-sesame", []*resource.Table{blog.Notes}))
	})
}

// tryDocs opens the page of an API of tables behind a base path, creates a note, and returns the address of the server.
// If token is not "", requests need it.
func (b *browser) tryDocs(base, token string, tables []*resource.Table) (address string) {
	b.t.Helper()
	t := b.t
	api := apitest.New(t, blog.SQLite(t), func(o *httpapi.Options) {
		o.Tables = tables
		o.BasePath = func(context.Context) string { return base }
		if token != "" {
			o.Auth = &httpapi.Auth{Caller: func(r *http.Request) (*httpapi.Caller, error) {
				if r.Header.Get("Authorization") != "Bearer "+token {
					return nil, nil
				}
				return &httpapi.Caller{ID: "ada", Scopes: []string{"read", "write"}}, nil
			}}
		}
	})
	server := httptest.NewServer(http.StripPrefix(base, api.Handler))
	t.Cleanup(server.Close)

	b.do("open the page", chromedp.Navigate(server.URL+base+"/"), chromedp.WaitVisible(css(".opblock")))
	if at := ask(b, "read the address", chromedp.Evaluate[string](`location.pathname`)); at != base+"/docs" {
		t.Errorf("the page is at %s", at)
	}
	shown := ask(b, "count the operations", chromedp.Evaluate[int](`document.querySelectorAll(".opblock").length`))
	if want := len(newSpecification(api).operations()); shown != want {
		t.Errorf("the page shows %d operations, the document has %d", shown, want)
	}
	for _, table := range tables {
		b.do("find "+table.Name, chromedp.WaitVisible(css("#operations-tag-"+table.Name)))
	}
	if token != "" {
		b.do("give a token", chromedp.Click(css(".auth-wrapper .authorize")),
			chromedp.WaitVisible(css(".modal-ux input")),
			chromedp.SendKeys(css(".modal-ux input"), token),
			chromedp.Click(css(".modal-ux button.authorize")),
			chromedp.Click(css(".modal-ux button.btn-done")))
	}
	b.createNote(server.URL, base)
	var title string
	if err := api.DB.Read.Raw("SELECT title FROM notes WHERE id = 1").Scan(&title).Error; err != nil ||
		title != "string" {
		t.Errorf("the row has the title %q (%v)", title, err)
	}
	return server.URL
}

// createNote creates the note of the example.
func (b *browser) createNote(address, base string) {
	b.t.Helper()
	const create = "#operations-notes-createNotes "
	b.do("create the note of the example", chromedp.Click(css(create+".opblock-summary-control")),
		chromedp.Click(css(create+".try-out__btn")),
		chromedp.Click(css(create+".execute")))
	response := ask(b, "read the response", chromedp.Text(css(create+".live-responses-table"), chromedp.NodeVisible))
	if !strings.Contains(response, "201") || !strings.Contains(response, "location: "+base+"/notes/1") {
		b.t.Errorf("the page shows %s", response)
	}
	request := ask(b, "read the request", chromedp.Text(css(create+".request-url pre"), chromedp.NodeVisible))
	if request != address+base+"/notes" {
		b.t.Errorf("the page requests %s", request)
	}
}

// listNotes lists the notes. A list has no filter by default. Filters are entered as JSON.
func (b *browser) listNotes(address string) {
	b.t.Helper()
	const list = "#operations-notes-listNotes "
	b.do("list the notes", chromedp.Click(css(list+".opblock-summary-control")),
		chromedp.Click(css(list+".try-out__btn")),
		chromedp.Click(css(list+".execute")))
	request := ask(b, "read the request", chromedp.Text(css(list+".request-url pre"), chromedp.NodeVisible))
	if want := address + "/notes?sort=-created_at&per_page=20"; request != want {
		b.t.Errorf("the page requests %s, want %s", request, want)
	}
	filter := fill(list+`tr[data-param-name="title"] textarea`, `{"contains": "tri"}`)
	b.do("filter by title", chromedp.Evaluate[chromedp.Void](filter),
		chromedp.Click(css(list+".execute")))
	request = ask(b, "read the request", chromedp.Text(css(list+".request-url pre"), chromedp.NodeVisible))
	if !strings.HasSuffix(request, "&title%5Bcontains%5D=tri") {
		b.t.Errorf("with a filter the page requests %s", request)
	}
}

// fill returns a script that enters a text into an element of React.
func fill(selector, text string) string {
	return fmt.Sprintf(`{
		const element = document.querySelector(%q);
		Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(element, %q);
		element.dispatchEvent(new Event("input", {bubbles: true}));
	}`, selector, text)
}

type css = chromedp.CSS

// browser is a page of a Chromium.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	requests   []string
	complaints []string
}

// openBrowser starts a Chromium. At the end of the test it stops and its files are removed.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	path, err := chromiumPath()
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.MkdirTemp("", "slipway-chromium-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		// Chromium writes some files outside of its profile.
		chromedp.Env("HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "TMPDIR="+home),
		// The sandbox does not run in a container. The browser only opens this test's page.
		chromedp.NoSandbox,
		// Only the loopback address can be reached.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.WindowSize(1280, 1000),
	)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	ctx, leave := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		leave()
		stop() // waits until the process has ended
		cancel()
		if err := os.RemoveAll(home); err != nil {
			t.Error(err)
		}
	})
	if _, err := chromedp.Run(ctx, chromedp.Steps()); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	return ctx
}

// newTab opens a page, which shares nothing with other pages of the browser.
func newTab(t *testing.T, chromium context.Context) *browser {
	t.Helper()
	ctx, leave := chromedp.NewContext(chromium, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	b.do("listen for what the policy forbids", chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `addEventListener("securitypolicyviolation", e => console.error("policy:", e.violatedDirective, ` +
				`e.blockedURI))`,
		})
		return err
	}))
	return b
}

// chromiumPath returns TEST_CHROMIUM, or a Chromium on PATH.
func chromiumPath() (string, error) {
	if path := os.Getenv("TEST_CHROMIUM"); path != "" {
		return path, nil
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chromium-headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("this test requires a Chromium: run export TEST_CHROMIUM=$(bash local/chromium.sh)")
}

// listen records the requests and the errors of the page.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	complain := func(format string, args ...any) { b.complaints = append(b.complaints, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventLoadingFailed:
		complain("a request failed: %s", e.ErrorText)
	case *runtime.EventExceptionThrown:
		complain("%v", &chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails})
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			for _, arg := range e.Args {
				complain("%s: %s%s", e.Type, arg.Value, arg.Description)
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" {
			complain("%s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

func (b *browser) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ask(b, what, chromedp.Steps(steps...))
}

func ask[T any](b *browser, what string, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("%s: %v; the page has the errors %q and sent %q", what, err, b.complaints, b.requests)
	}
	return value
}

// close closes the page, and reports requests to other origins and errors of the page.
func (b *browser) close(origin string) {
	b.t.Helper()
	if err := chromedp.Cancel(b.ctx); err != nil {
		b.t.Error(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.requests {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "data" && u.Scheme+"://"+u.Host != origin {
			b.t.Errorf("the page requested %s", address)
		}
	}
	if len(b.requests) < 7 { // the page, its four files, the document, the note
		b.t.Errorf("too few requests: %q", b.requests)
	}
	for _, complaint := range b.complaints {
		b.t.Errorf("error of the page: %s", complaint)
	}
}
