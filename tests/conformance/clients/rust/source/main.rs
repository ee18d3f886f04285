//! The AWS SDK for Rust, one call at a time: python/bridge.py tells the lines it reads and writes.

mod calls;
mod plain;

use aws_sdk_sqs::config::{Credentials, Region};
use aws_sdk_sqs::{Client, Config};
use serde_json::{Value, json};

fn connect(words: &[String]) -> Client {
    let config = Config::builder()
        .endpoint_url(&words[0])
        .region(Region::new(words[1].clone()))
        .credentials_provider(Credentials::new(&words[2], &words[3], None, None, "program"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = connect(&words);
    for line in std::io::stdin().lines() {
        let step: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let operation = step["call"].as_str().expect("a call");
        let answer = runtime.block_on(calls::call(&client, operation, &step["input"]));
        println!("{}", answer.map_or_else(|refused| refused, |output| json!({ "output": output })));
    }
}
