//! What a run measures of itself and of the marketplace: each part is given the night's rows shard by shard.
#![allow(dead_code, reason = "the parts are called once the hub is there")]

mod trends;
