//! One crate as a side of `go run ./bench tokenizer`: speaks the protocol of
//! bench/README.md. side.rs, beside this file, has what the crate needs.

mod side;

use std::fs;
use std::io::{self, BufRead, BufWriter, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// The files that a vocabulary comes in, and its name.
#[allow(dead_code)]
pub struct Vocabulary {
    pub name: String,
    ranks: String,
    pub json: String,
}

#[allow(dead_code)]
impl Vocabulary {
    /// The path of OpenAI's ranks.
    pub fn ranks(&self) -> Result<&str, String> {
        match self.ranks.as_str() {
            "-" => Err("has OpenAI's vocabularies only".into()),
            path => Ok(path),
        }
    }
}

/// Appends the ids of a text.
pub type Encode = Box<dyn Fn(&str, &mut Vec<u32>) + Send + Sync>;

struct Server {
    threads: usize,
    texts: Vec<String>,
    encode: Option<Encode>,
}

impl Server {
    fn texts(&mut self, path: &str) -> Result<String, String> {
        let data = fs::read(path).map_err(|e| format!("{path}: {e}"))?;
        let mut rest = &data[..];
        self.texts.clear();
        while !rest.is_empty() {
            let (head, tail) = rest.split_first_chunk::<4>().ok_or("half a length")?;
            let (text, tail) = tail.split_at_checked(u32::from_le_bytes(*head) as usize).ok_or("half a text")?;
            self.texts.push(String::from_utf8(text.to_vec()).map_err(|e| e.to_string())?);
            rest = tail;
        }
        Ok(self.texts.len().to_string())
    }

    fn load(&mut self, name: &str, ranks: &str, json: &str) -> Result<String, String> {
        let v = Vocabulary { name: name.into(), ranks: ranks.into(), json: json.into() };
        self.encode = Some(side::load(&v, self.threads)?);
        Ok(std::env::var("BENCH_VERSION").unwrap_or_default())
    }

    fn pass(&self, count: usize) -> Result<String, String> {
        const FEW: usize = 16; // texts that a thread takes at a time
        let encode = self.encode.as_ref().ok_or("pass before load")?;
        let texts = &self.texts[..count.min(self.texts.len())];
        let next = AtomicUsize::new(0);
        let work = || {
            let mut ids = Vec::new();
            loop {
                let at = next.fetch_add(FEW, Ordering::Relaxed);
                if at >= texts.len() {
                    return;
                }
                for t in &texts[at..texts.len().min(at + FEW)] {
                    ids.clear();
                    encode(t, &mut ids);
                }
            }
        };
        let (cpu, start) = (cpu_seconds(), Instant::now());
        std::thread::scope(|s| {
            for _ in 1..self.threads {
                s.spawn(work);
            }
            work();
        });
        Ok(format!("{:.6}\t{:.6}", cpu_seconds() - cpu, start.elapsed().as_secs_f64()))
    }

    fn ids(&self, count: usize, path: &str) -> Result<String, String> {
        let encode = self.encode.as_ref().ok_or("ids before load")?;
        let write = || -> io::Result<()> {
            let mut w = BufWriter::new(fs::File::create(path)?);
            for t in &self.texts[..count.min(self.texts.len())] {
                let mut ids = Vec::new();
                encode(t, &mut ids);
                w.write_all(&(ids.len() as u32).to_le_bytes())?;
                for id in ids {
                    w.write_all(&id.to_le_bytes())?;
                }
            }
            w.flush()
        };
        write().map_err(|e| format!("{path}: {e}"))?;
        Ok(count.to_string())
    }

    fn answer(&mut self, line: &str) -> Result<String, String> {
        let f: Vec<&str> = line.split('\t').collect();
        let number = |s: &str| s.parse::<usize>().map_err(|e| format!("{s}: {e}"));
        match f[..] {
            ["texts", path] => self.texts(path),
            ["load", name, ranks, json] => self.load(name, ranks, json),
            ["pass", n] => self.pass(number(n)?),
            ["ids", n, path] => self.ids(number(n)?, path),
            _ => Err(format!("unknown command {line}")),
        }
    }
}

/// The processor time that this process has used.
fn cpu_seconds() -> f64 {
    let mut u = unsafe { std::mem::zeroed::<libc::rusage>() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut u) };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    seconds(u.ru_utime) + seconds(u.ru_stime)
}

fn main() {
    let threads = std::env::var("BENCH_THREADS").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut server = Server { threads, texts: Vec::new(), encode: None };
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let answer = match server.answer(&line) {
            Ok(a) => format!("ok\t{a}"),
            Err(e) => format!("error\t{}", e.split_whitespace().collect::<Vec<_>>().join(" ")),
        };
        let mut out = io::stdout().lock();
        if writeln!(out, "{answer}").and_then(|_| out.flush()).is_err() {
            return;
        }
    }
}
