-- The creators' test kit: mall.test and what a test may do. A test is a coroutine; each call to the host yields a request
-- and is resumed with the answer, so that the game under test runs in a state of its own, as it does live.
local K = ...
local error, type, next, xpcall, pcall, rawlen, tostring = error, type, next, xpcall, pcall, rawlen, tostring
local create, resume, yield, status = coroutine.create, coroutine.resume, coroutine.yield, coroutine.status
local s_format, s_find, s_gsub, math_abs = string.format, string.find, string.gsub, math.abs
local limits = K.limits

K.handle_order = function() end

local tests, running = {}, nil

local function fail(text)
  error(K.where(2) .. text, 0)
end

local function ask(...)
  local answer, problem = yield { ... }
  if problem then
    fail(problem)
  end
  return answer
end

local t = {}

local function id_of(player, what)
  if type(player) ~= "table" or type(player.id) ~= "number" then
    fail(what .. " needs a player from t:join")
  end
  return player.id
end

-- A player walks in at the south edge. Options: locale, guest, at.
function t.join(_, name, options)
  options = options or {}
  local id = ask("join", name or "Player", options.locale or "en", options.guest == true, options.at or false)
  return { id = id, name = name }
end

function t.leave(_, player)
  ask("leave", id_of(player, "t:leave"))
end

function t.move(_, player, position)
  ask("move", id_of(player, "t:move"), position)
end

function t.interact(_, player, entity, verb)
  ask("interact", id_of(player, "t:interact"), type(entity) == "table" and entity.id or entity, verb or "use")
end

function t.input(_, player, action)
  ask("input", id_of(player, "t:input"), action)
end

function t.chat(_, player, text)
  ask("chat", id_of(player, "t:chat"), text)
end

function t.emote(_, player, name)
  ask("emote", id_of(player, "t:emote"), name)
end

-- Names of the actions that the player is shown now.
function t.actions(_, player)
  return ask("actions", id_of(player, "t:actions"))
end

function t.ui(_, player, id, value)
  ask("ui", id_of(player, "t:ui"), id, value)
end

-- Lets the host's clock run on, in seconds.
function t.advance(_, seconds)
  ask("advance", seconds + 0.0)
end

-- Starts the game again with this seed; who has joined enters again.
function t.seed(_, seed)
  ask("seed", seed)
end

-- Starts the game again with other settings; who has joined enters again.
function t.settings(_, settings)
  ask("settings", settings)
end

-- Entities with a tag (all without one), as tables of their components with id.
function t.entities(_, tag)
  return ask("entities", tag or false)
end

function t.score(_, player)
  return ask("score", id_of(player, "t:score"))
end

-- The newest match: { phase, players, seconds_left }, or nil.
function t.match()
  return ask "match"
end

function t.toasts(_, player)
  return ask("toasts", id_of(player, "t:toasts"))
end

function t.claims(_, pool)
  return ask("claims", pool)
end

function t.expect(_, condition, text)
  if not condition then
    fail("expected " .. (text or "the condition to hold"))
  end
end

function t.expect_equal(_, actual, expected, text)
  if actual ~= expected then
    fail(s_format("expected %s to be %s, got %s", text or "the value", tostring(expected), tostring(actual)))
  end
end

-- Claims of the pool, added up for each player, are exactly these: { [player] = LIVE }.
function t.expect_claims(_, pool, expected)
  local actual = {}
  for _, claim in next, ask("claims", pool) do
    actual[claim.player] = (actual[claim.player] or 0) + claim.amount
  end
  for player, amount in next, expected do
    local id = id_of(player, "t:expect_claims")
    if math_abs((actual[id] or 0) - amount) > 1e-9 then
      fail(s_format("expected claims of %s LIVE from '%s' for %s, got %s", amount, pool, player.name, actual[id] or 0))
    end
    actual[id] = nil
  end
  for id, amount in next, actual do
    fail(s_format("expected no claim from '%s' for player %d, got %s LIVE", pool, id, amount))
  end
end

-- The dearest event so far stays below: { per_event = instructions, memory_kib = , entities = }.
function t.expect_budget(_, bounds)
  local usage = ask "usage"
  for name, most in next, bounds do
    if usage[name] == nil then
      fail("t:expect_budget knows per_event, memory_kib and entities, not '" .. tostring(name) .. "'")
    end
    if usage[name] > most then
      fail(s_format("expected %s to stay below %d, got %d", name, most, usage[name]))
    end
  end
end

-- The game may raise this error code from now on without failing the test; returns what was raised so far with it.
function t.expect_fault(_, code)
  if ask("fault", code) == 0 then
    fail("expected the fault " .. code .. ", none came")
  end
end

K.env.mall = {
  test = function(name, fn)
    if type(name) ~= "string" or type(fn) ~= "function" then
      fail("mall.test takes a name and a function")
    end
    tests[#tests + 1] = { name = name, fn = fn }
  end,
}
K.env.print = function() end

-- Entry points, of the same shape as those of a game -------------------------------------------------------------------

local function plain(value)
  value = K.plain_error(value)
  if s_find(value, "^%?:%?: ") then
    value = K.where(2) .. s_gsub(value, "^%?:%?: ", "")
  end
  return value
end

local function guarded(fn)
  K.begin(limits.load_instructions, limits.load_instructions, limits.load_cpu_s, "test")
  local ok, problem = xpcall(fn, plain)
  local used, fatal = K.finish(not ok and problem or nil)
  if fatal then
    return nil, fatal.where .. fatal.code .. ": " .. fatal.text, used
  elseif not ok then
    return nil, problem, used
  end
  return problem, nil, used
end

local function load_file(_, entry)
  local _, problem, used = guarded(function()
    local chunk, syntax = K.compile(entry)
    if not chunk then
      error(syntax, 0)
    end
    chunk()
  end)
  local names = {}
  for i = 1, rawlen(tests) do
    names[i] = tests[i].name
  end
  return K.encode(problem and { "failed", problem } or { "tests", names }), nil, nil, used, 0
end

-- Events: {"start", index} or {"reply", value, problem}. Answers {"ask", ...}, {"passed"} or {"failed", text}.
local function step(_, blob)
  local event = K.decode(blob, 1)
  if event[1] == "start" then
    local fn = tests[event[2]].fn
    running = create(function()
      fn(t)
    end)
  end
  local request, problem, used = guarded(function()
    local ok, result = resume(running, event[2], event[3])
    if not ok then
      error(plain(result), 0)
    end
    return result
  end)
  if problem then
    return K.encode { "failed", problem }, nil, nil, used, 0
  elseif status(running) == "dead" then
    return K.encode { "passed" }, nil, nil, used, 0
  end
  local ok, encoded = pcall(K.encode, { "ask", request })
  if not ok then
    encoded = K.encode { "failed", "a call of the test was given " .. tostring(encoded) }
  end
  return encoded, nil, nil, used, 0
end

local function nothing()
  return ""
end

return load_file, step, nothing, K.add_source, nothing
