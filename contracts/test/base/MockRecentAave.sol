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
/// LiquidationLogic from 3.3 on (close factor over the whole debt, small positions whole, MustNotLeaveDust, deficits)
/// and the getters around it (mode bitmaps, virtual balances, grace periods). There is no interest. What differs
/// between these versions:
/// - 3.3 and 3.4 round half up;
/// - 3.5 rounds up debt values and the price of all collateral;
/// - 3.6 has an LTV for each mode that bears on withdrawals, and collateral by a mode alone;
/// - 3.7 rounds seizures down and fees up, and clears the bit of collateral of which a worthless rest is left.
/// What Aave itself does is tested on its real 3.0 contracts.
contract MockRecentAave {
    struct Reserve {
        uint256 configuration;
        MockReserveToken aToken;
        MockReserveToken debtToken;
        address source;
        uint256 deficit;
        uint256 virtualBalance;
        uint40 graceUntil;
        uint16 id;
    }

    struct Mode {
        uint16 ltv;
        uint16 threshold;
        uint16 bonus;
        uint128 collaterals;
        uint128 zeroLtv;
    }

    uint256 private constant BPS = 10_000;
    /// @dev 3 means 3.3 and so on.
    uint256 private immutable MINOR;
    address[] private _assets;
    mapping(address asset => Reserve) private _reserves;
    mapping(uint8 id => Mode) private _modes;
    mapping(address user => uint256) public getUserConfiguration;
    mapping(address user => uint256) public getUserEMode;

    error MustNotLeaveDust();
    error HealthFactorNotBelowThreshold();
    error HealthFactorLowerThanLiquidationThreshold();
    error LtvValidationFailed();
    error Refused();

    constructor(uint256 minor) {
        MINOR = minor;
    }

    // ---- setting up ----

    function list(address asset, address source, uint256 ltv, uint256 threshold, uint256 bonus, uint256 fee) external {
        Reserve storage reserve = _reserves[asset];
        reserve.configuration = ltv | threshold << 16 | bonus << 32 | uint256(ERC20(asset).decimals()) << 48 | 1 << 56
            | fee << 152 | 1 << 252;
        (reserve.aToken, reserve.debtToken, reserve.source) = (new MockReserveToken(), new MockReserveToken(), source);
        // forge-lint: disable-next-line(unsafe-typecast)
        reserve.id = uint16(_assets.length);
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
        getUserConfiguration[onBehalfOf] |= 2 << 2 * reserve.id;
    }

    function borrow(address asset, uint256 amount) external {
        Reserve storage reserve = _reserves[asset];
        reserve.virtualBalance -= amount;
        reserve.debtToken.mint(msg.sender, amount);
        getUserConfiguration[msg.sender] |= 1 << 2 * reserve.id;
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
        uint256 balance = held.aToken.balanceOf(user);
        uint256 owes = _reserves[debt].debtToken.balanceOf(user);
        debtToCover = Math.min(debtToCover, _most(held, _reserves[debt], user, balance, owes));
        (uint256 repaid, uint256 seized, uint256 fee) = _available(user, collateral, debt, debtToCover, balance);
        if (repaid < owes && seized + fee < balance) {
            if (_debtValue(_reserves[debt], owes - repaid) < 1000e8 || _value(held, balance - seized - fee) < 1000e8) {
                revert MustNotLeaveDust();
            }
        }
        (uint256 totalHeld,,,,,) = getUserAccountData(user);
        _repay(debt, repaid, user);
        if (fee != 0) {
            held.aToken.burn(user, fee);
            held.aToken.mint(address(this), fee);
        }
        _payOut(collateral, user, msg.sender, seized);
        if (totalHeld == _value(held, seized + fee)) _writeOff(user, held.id);
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

    /// @dev ValidationLogic.validateLiquidationCall and the close factor.
    function _most(Reserve storage held, Reserve storage owed, address user, uint256 balance, uint256 owes)
        private
        view
        returns (uint256)
    {
        (, uint256 totalDebt,,,, uint256 health) = getUserAccountData(user);
        if (health >= 1e18) revert HealthFactorNotBelowThreshold();
        if (held.graceUntil >= block.timestamp || owed.graceUntil >= block.timestamp) revert Refused();
        if (getUserConfiguration[user] >> (2 * held.id + 1) & 1 == 0 || owes == 0) revert Refused();
        if (MINOR < 6 && uint16(held.configuration >> 16) == 0) revert Refused();

        uint256 owedValue = _debtValue(owed, owes);
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
        uint256 bonus =
            _inMode(user, held.id) ? _modes[uint8(getUserEMode[user])].bonus : uint16(held.configuration >> 32);
        uint256 base = _price(owed) * debtToCover * _unit(held) / (_price(held) * _unit(owed));
        (repaid, seized) = (debtToCover, (base * bonus + (MINOR < 7 ? 5000 : 0)) / BPS);
        if (seized > balance) {
            seized = balance;
            uint256 value = _price(held) * balance * _unit(owed) / (_price(owed) * _unit(held));
            repaid = (value * BPS + (MINOR < 5 ? bonus / 2 : bonus - 1)) / bonus;
        }
        uint256 feeBps = uint16(held.configuration >> 152);
        if (feeBps == 0) return (repaid, seized, 0);
        uint256 gained = seized - (seized * BPS + (MINOR < 7 ? bonus / 2 : 0)) / bonus;
        fee = (gained * feeBps + (MINOR < 7 ? 5000 : BPS - 1)) / BPS;
        seized -= fee;
    }

    function _repay(address asset, uint256 amount, address user) private {
        Reserve storage reserve = _reserves[asset];
        reserve.debtToken.burn(user, amount);
        reserve.virtualBalance += amount;
        if (reserve.debtToken.balanceOf(user) == 0) getUserConfiguration[user] &= ~(1 << 2 * uint256(reserve.id));
        require(IERC20(asset).transferFrom(msg.sender, address(reserve.aToken), amount), "transfer failed");
    }

    function _payOut(address asset, address from, address to, uint256 amount) private {
        Reserve storage reserve = _reserves[asset];
        reserve.aToken.burn(from, amount);
        reserve.virtualBalance -= amount;
        if (reserve.aToken.balanceOf(from) == 0) getUserConfiguration[from] &= ~(2 << 2 * uint256(reserve.id));
        reserve.aToken.pay(IERC20(asset), to, amount);
    }

    /// @dev Collateral worth nothing keeps its bit.
    function _writeOff(address user, uint16 seizedId) private {
        for (uint256 i; i < _assets.length; ++i) {
            Reserve storage reserve = _reserves[_assets[i]];
            uint256 owes = reserve.debtToken.balanceOf(user);
            if (owes != 0) reserve.debtToken.burn(user, owes);
            reserve.deficit += owes;
        }
        getUserConfiguration[user] &= type(uint256).max / 3 << 1;
        if (MINOR >= 7) getUserConfiguration[user] &= ~(2 << 2 * uint256(seizedId));
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
            if (used >> (2 * id + 1) & 1 == 1 && (MINOR >= 6 || uint16(reserve.configuration >> 16) != 0)) {
                uint256 value = _value(reserve, reserve.aToken.balanceOf(user));
                held += value;
                weighted += value
                    * (_inMode(user, id)
                            ? _modes[uint8(getUserEMode[user])].threshold
                            : uint16(reserve.configuration >> 16));
            }
            uint256 owes = reserve.debtToken.balanceOf(user);
            owed += _debtValue(reserve, owes);
        }
        threshold = held == 0 ? 0 : weighted / held;
        health = owed == 0 ? type(uint256).max : weighted * 1e14 / owed;
    }

    function getReserveData(address asset) external view returns (AaveReserve memory data) {
        Reserve storage reserve = _reserves[asset];
        (data.configuration, data.id, data.liquidityIndex) = (reserve.configuration, reserve.id, 1e27);
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
        if (MINOR < 6) revert Refused();
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
        if (MINOR < 6 || !_inMode(user, id)) return uint16(_reserves[_assets[id]].configuration);
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

    function _debtValue(Reserve storage reserve, uint256 amount) private view returns (uint256) {
        if (MINOR < 5) return _value(reserve, amount);
        return Math.ceilDiv(amount * _price(reserve), _unit(reserve));
    }
}
