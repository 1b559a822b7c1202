-- The coroutine of the host as a value.
-- load: ok
-- event: ok
local main, is_main = coroutine.running()
assert(type(main) == "thread")
for _, f in ipairs { coroutine.resume, coroutine.close } do
  local ok, done = pcall(f, main)
  if ok and done then
    mall.log "ESCAPED the main coroutine"
  end
end
pcall(coroutine.yield, 1)
assert(coroutine.status(main) == "running")
