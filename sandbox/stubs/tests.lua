---@meta
-- Annotations of the mall's Lua API, written from sandbox/api.toml. Change that, not this.

---A made-up player of a test.
---@class mall.TestPlayer
---@field id integer
---@field name string

---An entity as the client would see it.
---@class mall.TestEntity: mall.Components
---@field id string
---@field at Position
---@field label mall.Label nil without one

---How a made-up player comes.
---@class mall.TestJoin
---@field locale? string
---@field guest? boolean
---@field at? Position

---What must not be used up.
---@class mall.TestBudget
---@field per_event? integer instructions of the dearest event
---@field memory_kib? integer
---@field entities? integer

---The newest match.
---@class mall.TestMatch
---@field phase Phase
---@field players integer[]
---@field seconds_left number

---What a test can do.
---@class mall.Test
local Test = {}
---Declares a test of the package.
---@param name string
---@param fn fun(t: mall.Test)
function mall.test(name, fn) end
---A player walks in, at the south edge when `at` is left out.
---@param name? string
---@param options? mall.TestJoin
---@return mall.TestPlayer
function Test:join(name, options) end
---A player walks out.
---@param player mall.TestPlayer
function Test:leave(player) end
---A player stands somewhere else now.
---@param player mall.TestPlayer
---@param position Position
function Test:move(player, position) end
---A player uses an entity, with the verb "use" when left out.
---@param player mall.TestPlayer
---@param entity string|mall.TestEntity
---@param verb? string
function Test:interact(player, entity, verb) end
---A player presses an action.
---@param player mall.TestPlayer
---@param action string
function Test:input(player, action) end
---A player says something, or types a command.
---@param player mall.TestPlayer
---@param text string
function Test:chat(player, text) end
---A player plays an emote.
---@param player mall.TestPlayer
---@param name string
function Test:emote(player, name) end
---Names of the actions that the player is shown.
---@param player mall.TestPlayer
---@return string[]
function Test:actions(player) end
---A player uses a node of a panel.
---@param player mall.TestPlayer
---@param id string
---@param value? Scalar
function Test:ui(player, id, value) end
---The host's clock runs on, in seconds.
---@param seconds number
function Test:advance(seconds) end
---Starts the game again with this seed; who has joined enters again.
---@param seed integer
function Test:seed(seed) end
---Starts the game again with other settings; who has joined enters again.
---@param settings table<string, Scalar>
function Test:settings(settings) end
---Entities with a tag, all without one.
---@param tag? string
---@return mall.TestEntity[]
function Test:entities(tag) end
---The player's score in the newest match.
---@param player mall.TestPlayer
---@return integer
function Test:score(player) end
---The newest match; nil before the first.
---@return mall.TestMatch
function Test:match() end
---Messages that the player got, oldest first.
---@param player mall.TestPlayer
---@return string[]
function Test:toasts(player) end
---Claims of a pool.
---@param pool string
---@return table[]
function Test:claims(pool) end
---Fails unless the condition holds.
---@param condition any
---@param text? string what was expected
function Test:expect(condition, text) end
---Fails unless both are equal.
---@param actual any
---@param expected any
---@param text? string what is compared
function Test:expect_equal(actual, expected, text) end
---Claims of the pool, added up for each player, are exactly these: { [player] = LIVE }.
---@param pool string
---@param expected table<mall.TestPlayer, number>
function Test:expect_claims(pool, expected) end
---The dearest event so far stays below these bounds.
---@param bounds mall.TestBudget
function Test:expect_budget(bounds) end
---Fails unless this code was raised; it may be raised from now on without failing the test.
---@param code string
function Test:expect_fault(code) end
