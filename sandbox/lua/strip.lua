-- The last step of making a state: the real globals go. lupa looks up "debug" there without protection before each call, so
-- not even the names may stay. Our own files that run later see only what they need.
local K = ...
local G, next = _G, next

local names = {
  "error", "getmetatable", "next", "pairs", "pcall", "rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable",
  "tonumber", "tostring", "type", "xpcall", "coroutine", "debug", "math", "string", "table", "utf8",
}
local restart = collectgarbage

local raw = {}
K.raw = raw
for _, name in next, names do
  raw[name] = G[name]
end
-- the libraries that nobody may use are held by the registry too
local registry = debug.getregistry()
for _, name in next, { "_LOADED", "_PRELOAD", "_CLIBS", "_IO_input", "_IO_output" } do
  registry[name] = nil
end
for name in next, G do
  if name ~= "_G" and name ~= "_VERSION" then
    G[name] = nil
  end
end
restart "restart"
restart("param", "pause", 300) -- less often: most of a state is ours, lives for ever, and is walked in each cycle
K.limit_memory()
