//! The lab of real hosts and the scenarios that run the product against them.
