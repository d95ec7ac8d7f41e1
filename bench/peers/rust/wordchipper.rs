use crate::{Encode, Vocabulary};
use std::sync::Arc;
use wordchipper::pretrained::openai::OATokenizer;
use wordchipper::vocab::SpecialFilter;
use wordchipper::{TokenEncoder, TokenEncoderOptions};

pub fn load(v: &Vocabulary, threads: usize) -> Result<Encode, String> {
    let path = v.ranks()?;
    let which = match v.name.as_str() {
        "cl100k_base" => OATokenizer::Cl100kBase,
        "o200k_base" => OATokenizer::O200kBase,
        other => return Err(format!("has no {other}")),
    };
    let vocab = which.load_path::<u32>(path).map_err(|e| e.to_string())?;
    let tok = TokenEncoderOptions::default().with_accelerated_lexers(true).with_concurrent(threads > 1).build(Arc::new(vocab));
    Ok(Box::new(move |text, ids| {
        if tok.try_encode_append(text, ids, Some(&SpecialFilter::IncludeNone)).is_err() {
            ids.clear();
        }
    }))
}
