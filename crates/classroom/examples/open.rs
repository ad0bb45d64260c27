//! TEMPORARY
#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let get = |name: &str, or: &str| {
        args.iter()
            .position(|a| a == name)
            .map_or(or.to_owned(), |i| args[i + 1].clone())
    };
    let c = classroom::Classroom::open(classroom::Options {
        listen: get("--listen", "127.0.0.1:0").parse().unwrap(),
        link: link::settings_from(&get("--link", "")).unwrap(),
        lang: classroom::Lang::En,
        allow_origins: args.iter().enumerate().filter(|(_, a)| *a == "--allow-origin").map(|(i, _)| args[i + 1].clone()).collect(),
        room: "hall".into(),
        max_people: get("--people", "400").parse().unwrap(),
        drafts_per_second: get("--per-second", "20").parse().unwrap(),
        text_limit: 16384,
    })
    .unwrap();
    println!("listening on {}", c.url());
    println!("  for the teacher {}", c.teacher_url());
    let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
    c.serve(async { tokio::select! { _ = tokio::signal::ctrl_c() => {}, _ = term.recv() => {} } }).await.unwrap();
}
