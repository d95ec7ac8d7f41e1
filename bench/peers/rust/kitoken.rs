use crate::{Encode, Vocabulary};
use kitoken::Kitoken;

pub fn load(v: &Vocabulary, _threads: usize) -> Result<Encode, String> {
    let tok = match v.ranks() {
        Ok(path) => Kitoken::from_tiktoken_file(path),
        Err(_) => Kitoken::from_tokenizers_file(&v.json),
    }
    .map_err(|e| e.to_string())?;
    Ok(Box::new(move |text, ids| *ids = tok.encode(text, false).unwrap_or_default()))
}
