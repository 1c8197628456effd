// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {AaveEModeCollateral, AaveReserve} from "../../src/interfaces/external/IAaveV3.sol";
import {ERC20, IERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev aToken or debt token of the mock: unscaled, minted and burnt by the pool, checked by it after transfers.
contract MockReserveToken is ERC20("Mock reserve token", "MRT") {
    MockRecentAave private immutable POOL = MockRecentAave(msg.sender);

    function mint(address account, uint256 amount) external {
        require(msg.sender == address(POOL), "pool only");
        _mint(account, amount);
    }

    function burn(address account, uint256 amount) external {
        require(msg.sender == address(POOL), "pool only");
        _burn(account, amount);
    }

    function pay(IERC20 asset, address to, uint256 amount) external {
        require(msg.sender == address(POOL), "pool only");
        require(asset.transfer(to, amount), "transfer failed");
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (from != address(0) && to != address(0) && msg.sender != address(POOL)) {
            POOL.checkTransfer(address(this), from);
        }
    }
}

/// @title A mock of an Aave pool of version 3.3 or later, with its provider and oracle in one contract.
/// @notice No package carries these versions' bytecode, so this is not Aave: it is written after the rules of
/// LiquidationLogic from 3.3 on (close factor over the whole debt, small positions whole, MustNotLeaveDust, deficits) and the
/// getters around it (mode bitmaps, virtual balances, grace periods). There is no interest. It rounds as 3.5 and later, or
/// half up as 3.3 and 3.4 did. What Aave itself does is tested on its real 3.0 contracts.
contract MockRecentAave {
    struct Reserve {
        uint256 configuration;
        MockReserveToken aToken;
        MockReserveToken debtToken;
        uint256 price;
        address source;
        uint256 deficit;
        uint256 virtualBalance;
        uint40 graceUntil;
    }

    struct Mode {
        uint16 ltv;
        uint16 threshold;
        uint16 bonus;
        uint128 collaterals;
        uint128 zeroLtv;
    }

    uint256 private constant BPS = 10_000;
    bool private immutable HALF_UP;
    address[] private _assets;
    mapping(address asset => uint16) private _ids;
    mapping(address asset => Reserve) private _reserves;
    mapping(uint8 id => Mode) private _modes;
    mapping(address user => uint256) public getUserConfiguration;
    mapping(address user => uint256) public getUserEMode;

    error MustNotLeaveDust();
    error HealthFactorNotBelowThreshold();
    error HealthFactorLowerThanLiquidationThreshold();
    error LtvValidationFailed();
    error Refused();

    constructor(bool halfUp) {
        HALF_UP = halfUp;
    }

    // ---- setting up ----

    function list(address asset, address source, uint256 ltv, uint256 threshold, uint256 bonus, uint256 fee) external {
        Reserve storage reserve = _reserves[asset];
        reserve.configuration = ltv | threshold << 16 | bonus << 32 | uint256(ERC20(asset).decimals()) << 48 | 1 << 56
            | fee << 152 | 1 << 252;
        (reserve.aToken, reserve.debtToken, reserve.source) = (new MockReserveToken(), new MockReserveToken(), source);
        // forge-lint: disable-next-line(unsafe-typecast)
        _ids[asset] = uint16(_assets.length);
        _assets.push(asset);
    }

    function setGrace(address asset, uint40 until) external {
        _reserves[asset].graceUntil = until;
    }

    function setMode(uint8 id, Mode calldata mode) external {
        _modes[id] = mode;
    }

    function setUserEMode(uint8 id) external {
        getUserEMode[msg.sender] = id;
    }

    function setVirtualBalance(address asset, uint256 balance) external {
        _reserves[asset].virtualBalance = balance;
    }

    // ---- the pool ----

    function supply(address asset, uint256 amount, address onBehalfOf, uint16) external {
        Reserve storage reserve = _reserves[asset];
        require(IERC20(asset).transferFrom(msg.sender, address(reserve.aToken), amount), "transfer failed");
        reserve.virtualBalance += amount;
        reserve.aToken.mint(onBehalfOf, amount);
        getUserConfiguration[onBehalfOf] |= 2 << 2 * _ids[asset];
    }

    function borrow(address asset, uint256 amount) external {
        Reserve storage reserve = _reserves[asset];
        reserve.virtualBalance -= amount;
        reserve.debtToken.mint(msg.sender, amount);
        getUserConfiguration[msg.sender] |= 1 << 2 * _ids[asset];
        reserve.aToken.pay(IERC20(asset), msg.sender, amount);
        if (_health(msg.sender) < 1e18) revert HealthFactorLowerThanLiquidationThreshold();
    }

    function repay(address asset, uint256 amount, uint256 rateMode, address onBehalfOf) external returns (uint256) {
        require(rateMode == 2, "variable only");
        amount = Math.min(amount, _reserves[asset].debtToken.balanceOf(onBehalfOf));
        _repay(asset, amount, onBehalfOf);
        return amount;
    }

    function withdraw(address asset, uint256 amount, address to) external returns (uint256) {
        _payOut(asset, msg.sender, to, amount);
        return amount;
    }

    /// @dev LiquidationLogic.executeLiquidationCall.
    function liquidationCall(address collateral, address debt, address user, uint256 debtToCover, bool) external {
        Reserve storage held = _reserves[collateral];
        Reserve storage owed = _reserves[debt];
        (, uint256 totalDebt,,,, uint256 health) = getUserAccountData(user);
        if (health >= 1e18) revert HealthFactorNotBelowThreshold();
        if (held.graceUntil >= block.timestamp || owed.graceUntil >= block.timestamp) revert Refused();
        if (getUserConfiguration[user] >> (2 * _ids[collateral] + 1) & 1 == 0) revert Refused();
        uint256 balance = held.aToken.balanceOf(user);
        uint256 owes = owed.debtToken.balanceOf(user);
        if (owes == 0) revert Refused();
        debtToCover = Math.min(debtToCover, _most(held, owed, balance, owes, totalDebt, health));
        (uint256 repaid, uint256 seized, uint256 fee) = _available(user, collateral, debt, debtToCover, balance);
        if (repaid < owes && seized + fee < balance) {
            if (_valueUp(owed, owes - repaid) < 1000e8 || _value(held, balance - seized - fee) < 1000e8) {
                revert MustNotLeaveDust();
            }
        }
        _repay(debt, repaid, user);
        if (fee != 0) {
            held.aToken.burn(user, fee);
            held.aToken.mint(address(this), fee);
        }
        _payOut(collateral, user, msg.sender, seized);
        if (getUserConfiguration[user] & (type(uint256).max / 3 << 1) == 0) _writeOff(user);
    }

    function checkTransfer(address aToken, address from) external view {
        if (_health(from) < 1e18) revert HealthFactorLowerThanLiquidationThreshold();
        uint256 used = getUserConfiguration[from];
        bool zero;
        bool own;
        for (uint16 id; id < _assets.length; ++id) {
            if (used >> (2 * id + 1) & 1 == 0 || _ltvOf(from, id) != 0) continue;
            zero = true;
            own = own || address(_reserves[_assets[id]].aToken) == aToken;
        }
        if (zero && !own) revert LtvValidationFailed();
    }

    function _most(
        Reserve storage held,
        Reserve storage owed,
        uint256 balance,
        uint256 owes,
        uint256 totalDebt,
        uint256 health
    ) private view returns (uint256) {
        uint256 owedValue = HALF_UP ? _value(owed, owes) : _valueUp(owed, owes);
        if (_value(held, balance) < 2000e8 || owedValue < 2000e8 || health <= 0.95e18) return owes;
        uint256 half = (totalDebt * 5000 + 5000) / BPS;
        return owedValue > half ? half * _unit(owed) / _price(owed) : owes;
    }

    /// @dev LiquidationLogic._calculateAvailableCollateralToLiquidate.
    function _available(address user, address collateral, address debt, uint256 debtToCover, uint256 balance)
        private
        view
        returns (uint256 repaid, uint256 seized, uint256 fee)
    {
        Reserve storage held = _reserves[collateral];
        Reserve storage owed = _reserves[debt];
        uint256 bonus = _inMode(user, _ids[collateral])
            ? _modes[uint8(getUserEMode[user])].bonus
            : uint16(held.configuration >> 32);
        uint256 base = _price(owed) * debtToCover * _unit(held) / (_price(held) * _unit(owed));
        (repaid, seized) = (debtToCover, (base * bonus + (HALF_UP ? 5000 : 0)) / BPS);
        if (seized > balance) {
            seized = balance;
            uint256 value = _price(held) * balance * _unit(owed) / (_price(owed) * _unit(held));
            repaid = (value * BPS + (HALF_UP ? bonus / 2 : bonus - 1)) / bonus;
        }
        uint256 feeBps = uint16(held.configuration >> 152);
        if (feeBps == 0) return (repaid, seized, 0);
        uint256 gained = seized - (seized * BPS + (HALF_UP ? bonus / 2 : 0)) / bonus;
        fee = (gained * feeBps + (HALF_UP ? 5000 : BPS - 1)) / BPS;
        seized -= fee;
    }

    function _repay(address asset, uint256 amount, address user) private {
        Reserve storage reserve = _reserves[asset];
        reserve.debtToken.burn(user, amount);
        reserve.virtualBalance += amount;
        if (reserve.debtToken.balanceOf(user) == 0) getUserConfiguration[user] &= ~(1 << 2 * uint256(_ids[asset]));
        require(IERC20(asset).transferFrom(msg.sender, address(reserve.aToken), amount), "transfer failed");
    }

    function _payOut(address asset, address from, address to, uint256 amount) private {
        Reserve storage reserve = _reserves[asset];
        reserve.aToken.burn(from, amount);
        reserve.virtualBalance -= amount;
        if (reserve.aToken.balanceOf(from) == 0) getUserConfiguration[from] &= ~(2 << 2 * uint256(_ids[asset]));
        reserve.aToken.pay(IERC20(asset), to, amount);
    }

    function _writeOff(address user) private {
        for (uint256 i; i < _assets.length; ++i) {
            Reserve storage reserve = _reserves[_assets[i]];
            uint256 owes = reserve.debtToken.balanceOf(user);
            if (owes != 0) reserve.debtToken.burn(user, owes);
            reserve.deficit += owes;
        }
        getUserConfiguration[user] = 0;
    }

    // ---- what adapters read ----

    function getUserAccountData(address user)
        public
        view
        returns (uint256 held, uint256 owed, uint256, uint256 threshold, uint256, uint256 health)
    {
        uint256 weighted;
        uint256 used = getUserConfiguration[user];
        for (uint16 id; id < _assets.length; ++id) {
            Reserve storage reserve = _reserves[_assets[id]];
            if (used >> (2 * id + 1) & 1 == 1) {
                uint256 value = _value(reserve, reserve.aToken.balanceOf(user));
                held += value;
                weighted += value
                    * (_inMode(user, id)
                            ? _modes[uint8(getUserEMode[user])].threshold
                            : uint16(reserve.configuration >> 16));
            }
            uint256 owes = reserve.debtToken.balanceOf(user);
            owed += HALF_UP ? _value(reserve, owes) : _valueUp(reserve, owes);
        }
        threshold = held == 0 ? 0 : weighted / held;
        health = owed == 0 ? type(uint256).max : weighted * 1e14 / owed;
    }

    function getReserveData(address asset) external view returns (AaveReserve memory data) {
        Reserve storage reserve = _reserves[asset];
        (data.configuration, data.id, data.liquidityIndex) = (reserve.configuration, _ids[asset], 1e27);
        (data.aToken, data.variableDebtToken) = (address(reserve.aToken), address(reserve.debtToken));
        data.stableDebtToken = address(0xdead); // later versions name a stand-in here
    }

    function getConfiguration(address asset) external view returns (uint256) {
        return _reserves[asset].configuration;
    }

    function getReserveAddressById(uint16 id) external view returns (address) {
        return _assets[id];
    }

    function getReserveNormalizedIncome(address) external pure returns (uint256) {
        return 1e27;
    }

    function getLiquidationGracePeriod(address asset) external view returns (uint40) {
        return _reserves[asset].graceUntil;
    }

    function getReserveDeficit(address asset) external view returns (uint256) {
        return _reserves[asset].deficit;
    }

    function getVirtualUnderlyingBalance(address asset) external view returns (uint128) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint128(_reserves[asset].virtualBalance);
    }

    function getEModeCategoryCollateralBitmap(uint8 id) external view returns (uint128) {
        return _modes[id].collaterals;
    }

    function getEModeCategoryLtvzeroBitmap(uint8 id) external view returns (uint128) {
        return _modes[id].zeroLtv;
    }

    function getEModeCategoryCollateralConfig(uint8 id) external view returns (AaveEModeCollateral memory) {
        return AaveEModeCollateral(_modes[id].ltv, _modes[id].threshold, _modes[id].bonus);
    }

    // ---- the provider and the oracle ----

    function getPool() external view returns (address) {
        return address(this);
    }

    function getPriceOracle() external view returns (address) {
        return address(this);
    }

    function getPriceOracleSentinel() external pure returns (address) {
        return address(0);
    }

    function getAssetPrice(address asset) public view returns (uint256) {
        (, bytes memory answer) = _reserves[asset].source.staticcall(abi.encodeWithSignature("latestAnswer()"));
        return abi.decode(answer, (uint256));
    }

    function getSourceOfAsset(address asset) external view returns (address) {
        return _reserves[asset].source;
    }

    function _health(address user) private view returns (uint256 health) {
        (,,,,, health) = getUserAccountData(user);
    }

    function _inMode(address user, uint16 id) private view returns (bool) {
        uint256 mode = getUserEMode[user];
        return mode != 0 && _modes[uint8(mode)].collaterals >> id & 1 == 1;
    }

    function _ltvOf(address user, uint16 id) private view returns (uint256) {
        Mode storage mode = _modes[uint8(getUserEMode[user])];
        if (!_inMode(user, id)) return uint16(_reserves[_assets[id]].configuration);
        return mode.zeroLtv >> id & 1 == 1 ? 0 : mode.ltv;
    }

    function _price(Reserve storage reserve) private view returns (uint256) {
        (, bytes memory answer) = reserve.source.staticcall(abi.encodeWithSignature("latestAnswer()"));
        return abi.decode(answer, (uint256));
    }

    function _unit(Reserve storage reserve) private view returns (uint256) {
        return 10 ** uint8(reserve.configuration >> 48);
    }

    function _value(Reserve storage reserve, uint256 amount) private view returns (uint256) {
        return amount * _price(reserve) / _unit(reserve);
    }

    function _valueUp(Reserve storage reserve, uint256 amount) private view returns (uint256) {
        return Math.ceilDiv(amount * _price(reserve), _unit(reserve));
    }
}
