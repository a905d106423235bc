//! Files in a bucket, against an S3-compatible server where one is to be had: `DESKBELL_MOTO=…/moto_server`
//! (`pip install 'moto[s3,server]'`). It keeps objects in memory and speaks the whole wire.

use super::{get, picture, taken, upload};
use crate::harness::process::{Process, command};
use crate::harness::{Desk, Shopper, eventually, free_address, text};
use image::ImageFormat;
use serde_json::json;
use tokio::process::Child;

struct Store {
    base: String,
    child: Child,
}

impl Store {
    /// `None`: there is none to be had.
    async fn start(desk: &Desk) -> Option<Self> {
        let program = std::env::var_os("DESKBELL_MOTO").filter(|program| !program.is_empty())?;
        let at = free_address();
        let mut command = tokio::process::Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &at.port().to_string()]).kill_on_drop(true);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let store = Self { base: format!("http://{at}"), child: command.spawn().unwrap() };
        eventually("the bucket is made", async || {
            let made = desk.http.put(format!("{}/deskbell", store.base)).send().await;
            made.is_ok_and(|made| made.status() == 200).then_some(())
        })
        .await;
        Some(store)
    }

    fn variables(&self) -> [(&str, &str); 5] {
        [
            ("FILES_URL", "s3://deskbell/some/where"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT_URL", &self.base),
        ]
    }

    async fn keys(&self, desk: &Desk) -> usize {
        let list = desk.http.get(format!("{}/deskbell?list-type=2", self.base)).send().await.unwrap();
        list.text().await.unwrap().matches("<Key>some/where/").count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_keeps_gives_and_loses_files_like_a_directory() {
    let desk = Desk::open().await;
    let Some(mut store) = Store::start(&desk).await else {
        eprintln!("DESKBELL_MOTO is not set: no bucket was tried");
        return;
    };
    let mut doctor = command(&desk, "http://127.0.0.1:9", None);
    let asked =
        doctor.envs(store.variables()).arg("doctor").stdout(std::process::Stdio::piped()).output().await.unwrap();
    let said = String::from_utf8(asked.stdout).unwrap();
    assert!(said.contains("✓ files: the bucket keeps what is put into it"), "{said}");
    assert_eq!(store.keys(&desk).await, 0, "doctor leaves nothing");
    let node = Process::start_with(&desk, None, &store.variables()).await;
    let there = desk.node_itself().through(&node.base);
    let shopper = Shopper::come(&there).await;
    let large = b"nine megabytes ".repeat(9 * 1024 * 1024 / 15);
    let files = [
        taken(&there, &shopper, "large.txt", &large).await,
        taken(&there, &shopper, "photo.jpg", &picture(800, 600, ImageFormat::Jpeg)).await,
    ];
    assert_eq!(store.keys(&desk).await, 3, "two files and a small copy");
    let ack = shopper.must(json!({ "type": "send", "body": "both", "files": files })).await;
    let page = format!("{}/v1/shopper/conversations/{}/events", node.base, text(&ack, "conversation"));
    let page: serde_json::Value =
        desk.http.get(page).bearer_auth(&shopper.token).send().await.unwrap().json().await.unwrap();
    let carried = &page["events"][1]["files"];
    assert_eq!(get(&there, text(&carried[0], "url")).await.bytes().await.unwrap(), large);
    assert_eq!(get(&there, text(&carried[1], "thumb")).await.headers()["content-type"], "image/jpeg");
    shopper.must(json!({ "type": "recall", "event": ack["id"] })).await;
    eventually("the bucket is empty", async || (store.keys(&desk).await == 0).then_some(())).await;
    store.child.kill().await.unwrap();
    let (status, said) = upload(&there, &shopper, "late.txt", b"late").await;
    assert_eq!((status, &said["error"]["code"]), (503, &json!("unavailable")), "{said}");
    shopper.say("text flows").await;
}
