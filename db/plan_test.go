package db

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"isthmus/db/pgtest"
)

// cold statements run at the start, for the admin, or now and then. All others
// run for each post, delivery, activity or request: none of them may read a
// table from end to end, or sort what grows with it.
var cold = map[string]bool{
	"qReleaseJobs": true, "qHurryNoted": true, "qPruneRelay": true,
	"qBlogStates": true, "qCountAccepted": true, "qOpenReports": true, "qRunningJobs": true, "qOldestFanout": true, "qOldestInbound": true, "qOldestJob": true, // Census
	"qBlogs": true, "qCountBlogs": true, "qCountActive": true, "qCountPosts": true, "qCountFanouts": true, "qCountRetries": true,
	"qCountOpenHosts": true, "qCountInbound": true, "qCountJobs": true, "qHosts": true, "qOpenHosts": true,
	"qForgetProcesses": true, "qForgetLeases": true, "qForgetQuestions": true, "qRetryHosts": true, "qInboxActors": true, "qAllProgress": true, // reshard
	"qOldestDue": true,                                                                                      // QueueStats
	"qBackJobs":  true, "qBackLeases": true, "qBackRetries": true, "qBackInbound": true, "qBackHosts": true, // ClockBack
	"qCreateSchema": true, "qVersion": true, "qDropVersion": true, "qSetVersion": true,
	"qRules": true, "qSuspensions": true, "qRuleLists": true, "qRuleDrafts": true, "qAudited": true, "qDropDraftsOf": true, // for the admin, and at the start
	"qRecentTasks": true, "qWaitingByHost": true, "qActivitiesOf": true, "qDeliveriesOf": true, "qRetriesOf": true, "qNotesOnPost": true, "qInboundBy": true, "qRecentNotes": true, "qNewestPost": true, "qSomeHosts": true, // look.go
	"qDirectsOf":    true,                                          // for who takes all of theirs along
	"qRescheduling": true,                                          // a part of others
	"qDropOldKeys":  true, "qKeyOwners": true, "qEveryInbox": true, // when keys are replaced
}

func TestNoHotStatementScans(t *testing.T) {
	pgtest.FilesOnly(t)
	d := openTemp(t)
	judged := 0
	for name, text := range statements(t) {
		if cold[name] {
			continue
		}
		judged++
		for _, detail := range plan(t, d, name, text) {
			if scans(name, detail) {
				t.Errorf("%s: %s", name, detail)
			}
		}
	}
	if judged < 140 {
		t.Errorf("only %d statements found", judged)
	}
}

// best names the index of statements that could make do with a worse one.
var best = map[string]string{
	"qPostByItem": "post_item", "qOwnPosts": "post_own", "qOwnPostCount": "post_own", "qOldestOnNode": "post_node", "qLivePosts": "post_alive",
	"qLikes": "reaction_like", "qShares": "reaction_share", "qShareCount": "reaction_share", "qReactionByActivity": "reaction_actor",
	"qNewsOf": "news_blog", "qRemoveNewsOf": "news_about", "qBlogTargets": "deed_target",
}

func TestStatementsUseTheirIndex(t *testing.T) {
	pgtest.FilesOnly(t)
	d, texts := openTemp(t), statements(t)
	for name, index := range best {
		if steps := strings.Join(plan(t, d, name, texts[name]), "\n"); !strings.Contains(steps, " INDEX "+index+" ") {
			t.Errorf("%s: %s, want %s", name, steps, index)
		}
	}
}

// An index that no statement reads costs every write, and one whose condition a
// statement does not repeat word for word is such an index.
func TestEveryIndexIsRead(t *testing.T) {
	pgtest.FilesOnly(t)
	d := openTemp(t)
	var read strings.Builder
	for name, text := range statements(t) {
		if name != "qRescheduling" {
			read.WriteString(strings.Join(plan(t, d, name, text), " \n") + " \n")
		}
	}
	for _, table := range must(all(t.Context(), &d.queries, scalar[string], `select name from sqlite_master where type = 'table'`))(t) {
		// Those that are unique or come with the table say what may be, too.
		for _, index := range must(all(t.Context(), &d.queries, scalar[string], `select name from pragma_index_list($1) where "unique" = 0`, table))(t) {
			if !strings.Contains(read.String(), " INDEX "+index+" ") {
				t.Errorf("nothing reads %s", index)
			}
		}
	}
}

// plan returns the steps that the engine would take.
func plan(t *testing.T, d *DB, name, text string) []string {
	t.Helper()
	var args []any
	for i := 1; strings.Contains(text, fmt.Sprint("$", i)); i++ {
		args = append(args, i)
	}
	rows, err := d.write.db.QueryContext(t.Context(), "explain query plan "+text, args...)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return steps
}

// scans reports whether a step of a plan costs more the larger a table is.
func scans(name, detail string) bool {
	switch {
	case detail == "SCAN t" && strings.HasSuffix(name, "Audience"): // the page that the inner query found
		return false
	case detail == "USE TEMP B-TREE FOR ORDER BY":
		// Of that page, of one owner's blogs, of one actor's follows, of the names an
		// address once had: a handful.
		return !strings.HasSuffix(name, "Audience") && name != "qBlogsOf" && name != "qFollowerByFollow" && name != "qFollowerByHandle"
	case strings.HasPrefix(detail, "SCAN CONSTANT ROW"):
		return false
	}
	return strings.HasPrefix(detail, "SCAN") || strings.HasPrefix(detail, "USE TEMP B-TREE") || strings.Contains(detail, "AUTOMATIC")
}

// statements reads this package's SQL constants, those called q and something.
func statements(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	consts := make(map[string]ast.Expr)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == len(v.Names) {
				for i, name := range v.Names {
					consts[name.Name] = v.Values[i]
				}
			}
			return true
		})
	}
	out := make(map[string]string)
	for name, e := range consts {
		if len(name) > 1 && name[0] == 'q' && name[1] >= 'A' && name[1] <= 'Z' {
			out[name] = text(t, consts, e)
		}
	}
	return out
}

// text evaluates a sum of string literals and other constants.
func text(t *testing.T, consts map[string]ast.Expr, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return s
	case *ast.BinaryExpr:
		return text(t, consts, e.X) + text(t, consts, e.Y)
	case *ast.Ident:
		return text(t, consts, consts[e.Name])
	}
	t.Fatalf("a statement that is no sum of strings: %T", e)
	return ""
}
