//! Running through cases.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// The same cases in each run; of a larger number the first are those of a smaller one.
pub fn cases<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, count: u32) -> Vec<T> {
    trees(&strategy, count).map(|tree| tree.current()).collect()
}

fn trees<S: Strategy>(strategy: &S, count: u32) -> impl Iterator<Item = S::Tree> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).filter_map(move |_| strategy.new_tree(&mut runner).ok())
}

/// The first cases in which `check` finds something wrong, with their numbers, each made smaller in at
/// most so many tries.
pub fn failures<T: std::fmt::Debug>(
    strategy: &impl Strategy<Value = T>,
    count: u32,
    tries: u32,
    check: impl Fn(&T) -> Result<(), String>,
) -> Vec<(usize, T, String)> {
    let failed = trees(strategy, count).enumerate().filter_map(|(number, mut tree)| {
        let mut found = (tree.current(), check(&tree.current()).err()?);
        let mut is_on = tries > 0 && tree.simplify();
        for _ in 0..tries {
            if !is_on {
                break;
            }
            let case = tree.current();
            is_on = match check(&case) {
                Err(failure) => {
                    found = (case, failure);
                    tree.simplify()
                }
                Ok(()) => tree.complicate(),
            };
        }
        Some((number, found.0, found.1))
    });
    failed.take(MOST_FAILURES).collect()
}

/// Further failures of one thing tell nothing new.
const MOST_FAILURES: usize = 6;
