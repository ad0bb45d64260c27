//! Does one step of a delivery so many times: `hot_paths STEP ROUNDS`, or
//! lists the steps. For `scripts/count-instructions`.

#![expect(clippy::print_stdout, reason = "a program that lists what it can do")]

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let step = |name: &str| swarm::hot_paths::STEPS.iter().find(|step| step.0 == name);
    match words.as_slice() {
        [] => swarm::hot_paths::STEPS
            .iter()
            .for_each(|(name, _)| println!("{name}")),
        [name, rounds] => {
            let (_, work) = step(name).expect("the name of a step, as listed");
            work(rounds.parse().expect("a number of rounds"));
        }
        _ => panic!("hot_paths STEP ROUNDS"),
    }
}
