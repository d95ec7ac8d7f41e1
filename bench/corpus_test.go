package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCollector(t *testing.T) {
	c := newCollector(10*mostText, 0.5)
	long := strings.Repeat("x := 1\n", 20)
	c.add(text{language: "Go", data: []byte(long)})
	for name, bad := range map[string]string{
		"copy": long, "short": "x", "binary": long + "\x00", "Latin-1": long + "\xe4", "control token": long + "<|endoftext|>", "DeepSeek's": long + "<｜fim",
	} {
		if c.add(text{language: "Go", data: []byte(bad)}); len(c.texts) != 1 {
			t.Fatalf("%s was taken", name)
		}
	}
	for i := range 20 {
		c.add(text{language: "Go", data: bytes.Repeat([]byte{'a' + byte(i)}, mostText)})
	}
	if got := c.byLanguage["Go"]; got < 5*mostText || got > 7*mostText {
		t.Errorf("%d bytes of one language, half of %d were allowed", got, c.want)
	}
}

func TestCollectCode(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"a.go": "package a // 1", "b.py": "import b # 2", "copy.go": "package a // 1", "c.bin": "binary"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Repeat(content, 20)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := collectCode([]string{dir, dir}, 400)
	if err != nil || len(texts) != 2 {
		t.Errorf("%d texts, %v", len(texts), err)
	}
	if _, err := collectCode([]string{dir}, 1e6); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("too little code: %v", err)
	}
}

func TestProse(t *testing.T) {
	english := "The quick brown fox jumps over the lazy dog near the river bank in the evening. " + "It was a long day for all of them and nobody wanted to go home before the sun had set behind the hills."
	chinese := "今天天气很好我们一起去公园散步然后在湖边的餐厅吃午饭大家都很高兴"
	c, seen := newCollector(1e6, 1), map[uint64]bool{}
	takeProse(c, "x", english+"\n\n"+"for (i = 0; i < n; i++) { sum += a[i] * b[i]; }\n\n"+english+"\n\n"+chinese, "english", seen)
	if len(c.texts) != 1 || string(c.texts[0].data) != english+"\n\n" {
		t.Errorf("English: %q", c.texts)
	}
	c = newCollector(1e6, 1)
	takeProse(c, "x", english+"\n"+chinese+"\n"+untag("迈向/v 充满/v 希望/n"), "chinese", seen)
	if len(c.texts) != 1 || string(c.texts[0].data) != chinese+"\n\n" {
		t.Errorf("Chinese: %q", c.texts)
	}
	if got := untag("迈向/v 充满/v 希望/n"); got != "迈向充满希望" {
		t.Errorf("untagged: %q", got)
	}
	if got := strings.Join(strings.Fields(untagHTML("<head>x</head><p>a &lt; <b>b</b></p><p>c")), " "); got != "a < b c" {
		t.Errorf("HTML: %q", got)
	}
}

func TestIsProse(t *testing.T) {
	paragraphs := map[string]string{
		"english":  "The quick brown fox jumps over the lazy dog near the river bank in the evening. It was a long day for all of them and nobody wanted to go home before the sun had set behind the hills.",
		"chinese":  "今天天气很好我们一起去公园散步然后在湖边的餐厅吃午饭大家都很高兴",
		"japanese": "今日は天気がよかったので、みんなで公園を散歩してから湖のそばの店で昼ご飯を食べました。",
		"korean":   "오늘은 날씨가 좋아서 우리는 함께 공원을 산책하고 호숫가 식당에서 점심을 먹었습니다.",
		"russian":  "Сегодня была хорошая погода, и мы все вместе пошли гулять в парк, а потом обедали у озера.",
		"greek":    "Σήμερα ο καιρός ήταν καλός και πήγαμε όλοι μαζί για έναν περίπατο στο πάρκο δίπλα στη λίμνη.",
		"arabic":   "كان الطقس جميلا اليوم فذهبنا جميعا إلى الحديقة ثم تناولنا الغداء في مطعم على ضفة البحيرة.",
		"hebrew":   "היום היה מזג אוויר נאה והלכנו כולנו יחד לטייל בגן ואחר כך אכלנו ארוחת צהריים ליד האגם.",
		"hindi":    "आज मौसम अच्छा था इसलिए हम सब मिलकर बगीचे में घूमने गए और फिर झील के किनारे खाना खाया।",
		"thai":     "วันนี้อากาศดีมากเราจึงไปเดินเล่นในสวนสาธารณะด้วยกันแล้วกินข้าวกลางวันที่ร้านริมทะเลสาบ",
	}
	labels := map[string]string{
		"english": "Open file", "chinese": "打开文件", "japanese": "ファイルを開く", "korean": "파일 열기", "russian": "Открыть файл", "greek": "Άνοιγμα αρχείου",
		"arabic": "فتح الملف", "hebrew": "פתיחת קובץ", "hindi": "फ़ाइल खोलें", "thai": "เปิดแฟ้ม",
	}
	for kind := range proses {
		if isProse(labels[kind], kind) || labels[kind] == "" {
			t.Errorf("%s: %q was taken", kind, labels[kind])
		}
		for other, p := range paragraphs {
			if got := isProse(p, kind); got != (other == kind) {
				t.Errorf("%s as %s: %v", other, kind, got)
			}
		}
		if _, ok := paragraphs[kind]; !ok {
			t.Errorf("no paragraph of %s", kind)
		}
	}
}

func TestClean(t *testing.T) {
	hadith := pointed(saying)
	for _, c := range []struct{ what, got, want string }{
		{"matches", matches(quoted)(`["a \"b\"\nc", 1, "d"]`), "a \"b\"\nc\n\nd\n\n"},
		{"pointed", pointed(quoted)(`"<i>בְּרֵאשִׁ֖ית</i>"`), "בראשית\n\n"},
		{"saying", hadith(`"arabic": "حَدَّثَنَا وسلم قَالَ وسلم"`), " قال وسلم\n\n"},
		{"saying without blessing", hadith(`"arabic": "قَالَ \"لا\""`), "قال \"لا\"\n\n"},
		{"parted", parted("a\nb\n%\nc"), "a\nb\n\nc"},
		{"ORCHID", untagOrchid("%Year: 1989\n#P1\n#1\nกา ขา\\\\\nคา//\nกา/NCMN\n<space>/PUNC\nขาคา/VACT@x\n//\n#2\nงา//\nงา/NCMN\n//\n#P2\n#1\nจา//\n"), "\n\nกา ขา คา งา \n\nจา "},
		{"entities", untagEntities("<p>a&hellip;"), "\n\na…"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, not %q", c.what, c.got, c.want)
		}
	}
}

func TestReadArchive(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.whl")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("a/b.txt")
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "content")
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	var got string
	err = readArchive(file, func(name string, r io.Reader) error {
		b, err := io.ReadAll(r)
		got += name + "=" + string(b)
		return err
	})
	if err != nil || got != "a/b.txt=content" {
		t.Errorf("%q, %v", got, err)
	}
	if err := readArchive(filepath.Join(t.TempDir(), "none.tar.gz"), nil); err == nil {
		t.Error("an archive that is not there was read")
	}
}
