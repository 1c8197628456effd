// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ILiquidationAdapter} from "../interfaces/ILiquidationAdapter.sol";
import {IAggregator} from "../interfaces/external/IAggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title What all adapters share.
/// @notice Only the escrow may call what changes state. Approvals are exact and to the spender alone, and every amount
/// reported is a measured balance difference, so tokens sent here by mistake are neither counted nor spent.
abstract contract ProtocolAdapter is ILiquidationAdapter {
    using SafeERC20 for IERC20;

    /// @notice The only account that may liquidate and return surplus.
    address public immutable ESCROW;
    /// @notice The lending protocol's contract: it pulls the tokens, unless the adapter names another spender.
    address public immutable PROTOCOL;
    /// @notice Gets the surplus of positions that left their lenders with debt and no collateral.
    address public immutable BAD_DEBT_RECIPIENT;
    /// @notice Oldest price accepted, in seconds.
    uint256 public immutable MAX_PRICE_AGE;

    /// @dev The plan that `prepare` keeps for `liquidate`, and the hash of the position and repay amount it is valid
    /// for.
    bytes32 private transient _preparedFor;
    uint256 private transient _plan;

    uint256 private constant BPS = 10_000;
    /// @dev Part of a debt, bps, that `assess` names beyond the debt of now: more than a minute of interest at 1,000 %
    /// a year, the highest rate that Aave allows.
    uint256 private constant INTEREST_BPS = 1;
    /// @dev The same of a debt that the price of the collateral bounds: a price that moves 1 % in a minute.
    uint256 private constant PRICE_BPS = 200;
    /// @dev Seconds for which an account counts as having left bad debt: longer than any lot of the liquidation can
    /// take to settle. A later liquidation of dust, which an account in default can cause at will, does not shorten the
    /// time.
    uint256 private constant BAD_DEBT_MEMORY = 30 days;
    /// @dev End of that time, Unix seconds. A protocol that writes bad debt off does so in the liquidation, and keeps
    /// no record.
    mapping(bytes32 account => uint256 until) private _badDebtUntil;

    error NotEscrow(address caller);
    error ZeroAddress();
    error NonCanonicalPosition();
    error SameAsset(address asset);
    error PriceMissing(address source);
    error PriceStale(address source, uint256 updatedAt);

    modifier onlyEscrow() {
        if (msg.sender != ESCROW) revert NotEscrow(msg.sender);
        _;
    }

    constructor(address protocol, address escrow, address badDebtRecipient, uint256 maxPriceAge) {
        if (protocol == address(0) || escrow == address(0) || badDebtRecipient == address(0)) revert ZeroAddress();
        PROTOCOL = protocol;
        ESCROW = escrow;
        BAD_DEBT_RECIPIENT = badDebtRecipient;
        MAX_PRICE_AGE = maxPriceAge;
    }

    /// @inheritdoc ILiquidationAdapter
    function assess(bytes calldata position)
        public
        view
        virtual
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health);

    /// @inheritdoc ILiquidationAdapter
    function prepare(bytes calldata position)
        external
        virtual
        onlyEscrow
        returns (address collateral, address debt, uint256 repay, uint256 seizable, uint256 health)
    {
        return assess(position);
    }

    /// @inheritdoc ILiquidationAdapter
    function liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient)
        external
        onlyEscrow
        returns (uint256 repaid)
    {
        (IERC20 collateral, IERC20 debt) = _tokens(position);
        uint256 debtBefore = _held(debt);
        uint256 collateralBefore = _held(collateral);

        address spender = _spender(position);
        debt.forceApprove(spender, repay);
        _liquidate(position, repay, wanted, recipient);

        repaid = debtBefore - _held(debt);
        uint256 received = _held(collateral) - collateralBefore;
        if (received != 0) collateral.safeTransfer(recipient, received);
        if (repaid == repay) return repaid; // all of the approval is spent
        debt.forceApprove(spender, 0);
        debt.safeTransfer(msg.sender, repay - repaid);
    }

    /// @dev The amounts to name in an assessment, so that a landing a minute later need not leave what has accrued
    /// meanwhile. The protocol takes no more than it allows, and the price of a debt unit is the same.
    /// @param repay Debt units that the protocol would take now.
    /// @param seizable Collateral units that it would hand out.
    /// @param byCollateral Whether the whole collateral bounds the repay amount, which then moves with prices.
    /// @param owed Debt units owed now.
    function _ahead(uint256 repay, uint256 seizable, bool byCollateral, uint256 owed)
        internal
        pure
        returns (uint256 repayAhead, uint256 seizableAhead)
    {
        if (repay == 0) return (0, 0);
        repayAhead = repay + Math.ceilDiv(repay * (byCollateral ? PRICE_BPS : INTEREST_BPS), BPS);
        repayAhead = Math.min(repayAhead, Math.max(repay, owed + Math.ceilDiv(owed * INTEREST_BPS, BPS)));
        seizableAhead = Math.mulDiv(seizable, repayAhead, repay);
    }

    /// @dev This contract's balance of a token.
    function _held(IERC20 token) internal view returns (uint256) {
        return token.balanceOf(address(this));
    }

    /// @dev The position's collateral and debt token. Reverts on a non-canonical encoding.
    function _tokens(bytes calldata position) internal view virtual returns (IERC20 collateral, IERC20 debt);

    /// @dev The contract that pulls the debt tokens. An adapter whose protocol has several returns one that the
    /// protocol itself vouches for: a position may name any contract.
    function _spender(bytes calldata) internal view virtual returns (address) {
        return PROTOCOL;
    }

    /// @dev Calls the protocol, which pulls at most `repay` and sends the collateral here or to the recipient. `wanted`
    /// binds only adapters that can take an exact amount.
    function _liquidate(bytes calldata position, uint256 repay, uint256 wanted, address recipient) internal virtual;

    /// @dev Keeps the plan for a liquidation of `position` with exactly `repay`.
    function _remember(bytes calldata position, uint256 repay, uint256 plan) internal {
        (_preparedFor, _plan) = (keccak256(abi.encode(keccak256(position), repay)), plan);
    }

    /// @dev Returns the kept plan, once; `known` is false for another position or amount.
    function _recall(bytes calldata position, uint256 repay) internal returns (bool known, uint256 plan) {
        known = _preparedFor == keccak256(abi.encode(keccak256(position), repay));
        if (known) (plan, _preparedFor) = (_plan, 0);
    }

    /// @dev Records that a liquidation left bad debt.
    function _noteBadDebt(bytes32 account) internal {
        _badDebtUntil[account] = block.timestamp + BAD_DEBT_MEMORY;
    }

    /// @dev Whether a liquidation left bad debt within `BAD_DEBT_MEMORY`.
    function _hasLeftBadDebt(bytes32 account) internal view returns (bool) {
        return block.timestamp < _badDebtUntil[account];
    }

    /// @dev Reverts unless the aggregator has a positive answer no older than allowed.
    function _requireFresh(address feed) internal view {
        (, uint256 updatedAt) = _answeredAt(feed);
        if (!_isFresh(updatedAt)) _refusePrice(feed, updatedAt);
    }

    /// @dev The time of an aggregator's answer, Unix seconds; 0 if the answer is not positive. `known` is false if
    /// `feed` does not implement the aggregator interface.
    function _answeredAt(address feed) internal view returns (bool known, uint256 updatedAt) {
        try IAggregator(feed).latestRoundData() returns (uint80, int256 answer, uint256, uint256 at, uint80) {
            return (true, answer > 0 ? at : 0);
        } catch {
            return (false, 0);
        }
    }

    function _isFresh(uint256 updatedAt) internal view returns (bool) {
        return updatedAt != 0 && block.timestamp <= updatedAt + MAX_PRICE_AGE;
    }

    function _refusePrice(address source, uint256 updatedAt) internal pure {
        if (updatedAt == 0) revert PriceMissing(source);
        revert PriceStale(source, updatedAt);
    }

    /// @dev The feed that a getter of a price source returns, and whether the source has that getter.
    function _feed(address source, bytes4 getter) internal view returns (bool named, address feed) {
        bytes memory answer;
        (named, answer) = source.staticcall(abi.encodeWithSelector(getter));
        named = named && answer.length == 32;
        if (named) feed = abi.decode(answer, (address));
    }

    /// @dev The address in the `index`-th word of the encoding, whose length the caller has checked. Reverts if the
    /// word's upper bits are set.
    function _addressAt(bytes calldata position, uint256 index) internal pure returns (address) {
        uint256 word;
        assembly ("memory-safe") {
            word := calldataload(add(position.offset, shl(5, index)))
        }
        if (word > type(uint160).max) revert NonCanonicalPosition();
        // forge-lint: disable-next-line(unsafe-typecast)
        return address(uint160(word));
    }
}
