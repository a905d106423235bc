//! `transcript CONVERSATION --format txt|html|json`.

use crate::domain::id::ConversationId;
use crate::transcripts;
use clap::ValueEnum;
use std::io::Write;

#[derive(clap::Args)]
pub struct Args {
    /// The conversation's id
    conversation: ConversationId,
    #[arg(long, value_enum, default_value = "txt")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Txt,
    Html,
    Json,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let db = super::connect().await?;
    let transcript = transcripts::load(&db, args.conversation).await?;
    let transcript = transcript.ok_or_else(|| anyhow::anyhow!("there is no conversation {}", args.conversation))?;
    let text = match args.format {
        Format::Txt => transcript.text(),
        Format::Html => transcript.html(),
        Format::Json => format!("{:#}\n", transcript.json()),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}
