mod cached;
mod samples;
mod served;
mod way_there;
